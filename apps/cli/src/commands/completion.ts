import { ArgosyError } from '@argosy/base';
import type { Command } from 'commander';
import { EXIT, type CommandContext } from './context.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

/** `argosy completion SHELL`: a script made from the commands themselves, so that it is never behind. */
export function completionCommand(
  context: CommandContext,
  program: Command,
  shell: Shell,
): Promise<number> {
  const commands = program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    words: [
      ...command.options.flatMap((option) => (option.long ? [option.long] : [])),
      ...command.commands.map((nested) => nested.name()),
    ],
  }));
  const scripts: Readonly<Record<Shell, () => string>> = {
    bash: () => bashScript(commands),
    zsh: () => `autoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`,
    fish: () => fishScript(commands),
  };
  if (!Object.hasOwn(scripts, shell)) {
    throw new ArgosyError(
      'INVALID_ARGUMENT',
      `completion is for bash, zsh or fish, not "${shell}"`,
    );
  }
  context.stdout.write(scripts[shell]());
  return Promise.resolve(EXIT.ok);
}

interface Completion {
  readonly name: string;
  readonly description: string;
  readonly words: readonly string[];
}

function bashScript(commands: readonly Completion[]): string {
  const cases = commands
    .map(({ name, words }) => `    ${name}) words="${words.join(' ')}" ;;`)
    .join('\n');
  return `# bash completion of argosy: source <(argosy completion bash)
_argosy() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words="${commands.map(({ name }) => name).join(' ')}"
  case "\${COMP_WORDS[1]}" in
${cases}
  esac
  [ "$COMP_CWORD" -eq 1 ] && words="${commands.map(({ name }) => name).join(' ')}"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _argosy argosy
`;
}

function fishScript(commands: readonly Completion[]): string {
  const lines = commands.flatMap(({ name, description, words }) => [
    `complete -c argosy -n __fish_use_subcommand -a ${name} -d '${description.replaceAll("'", '')}'`,
    ...words.map((word) =>
      word.startsWith('--')
        ? `complete -c argosy -n '__fish_seen_subcommand_from ${name}' -l ${word.slice(2)}`
        : `complete -c argosy -n '__fish_seen_subcommand_from ${name}' -a ${word}`,
    ),
  ]);
  return `# fish completion of argosy: argosy completion fish | source\n${lines.join('\n')}\n`;
}
