import type { Command } from 'commander';
import { createProgram } from './program.ts';

const INTRODUCTION = `# The command line

<!-- Made from the commands; \`npx vitest run --project unit apps/cli -u\` makes it again. -->

\`argosy\` talks to the gateway that \`--server\` or \`ARGOSY_SERVER\` names, else to the installation that \`argosy up\`
runs on the same home (\`--home\`, \`ARGOSY_HOME\`, \`~/.argosy\`). \`argosy run\` and \`argosy demo\` start one themselves.

- **Exit codes.** 0: done, or the workflow succeeded. 1: it failed, or something went wrong. 2: wrong use or a wrong
  manifest. 130: interrupted. 141: the reader of the output went away.
- **Ctrl-C** on \`argosy run\` terminates the workflow; on \`argosy up\` it stops everything in order. A second one does not
  wait.
- **Output** for people goes to a terminal with colours and a live tree; elsewhere there are none (\`NO_COLOR\`,
  \`FORCE_COLOR\`). Warnings, progress and advice go to standard error. \`-o\` prints for programs.
- **Completion.** \`source <(argosy completion bash)\`; zsh: the same with \`zsh\`; fish: \`argosy completion fish | source\`.
- \`@latest\` stands for the newest workflow. [Settings](reference/settings.md) lists the variables of the environment.
`;

/** docs/cli.md: what every command says of itself. */
export function commandReference(): string {
  const silent = { write: () => true };
  const idle = { run: () => Promise.resolve() };
  const program = createProgram(idle, { stdout: silent, stderr: silent });
  program.configureHelp({ showGlobalOptions: false });
  const sections = [program, ...below(program)].map(section);
  return `${[INTRODUCTION, ...sections].join('\n')}`;
}

function below(command: Command): readonly Command[] {
  return command.commands.flatMap((nested) => [nested, ...below(nested)]);
}

function section(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  command.configureHelp({ showGlobalOptions: false });
  return `## ${names.join(' ')}\n\n\`\`\`text\n${command.helpInformation().trimEnd()}\n\`\`\`\n`;
}
