import type { Command, Option } from 'commander';
import { EXIT, type CommandContext } from './context.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** `argosy completion SHELL`: a script made from the commands themselves, so that it is never behind. */
export function completionCommand(
  context: CommandContext,
  program: Command,
  shell: Shell,
): Promise<number> {
  const scripts: Readonly<Record<Shell, () => string>> = {
    bash: () => bashScript(program),
    zsh: () => `autoload -U +X bashcompinit && bashcompinit\n${bashScript(program)}`,
    fish: () => fishScript(program),
  };
  context.stdout.write(scripts[shell]());
  return Promise.resolve(EXIT.ok);
}

/** A command and its path: `events send`. */
interface Path {
  readonly path: string;
  readonly command: Command;
}

function pathsOf(command: Command, above = ''): readonly Path[] {
  return command.commands.flatMap((nested) => {
    const path = above === '' ? nested.name() : `${above} ${nested.name()}`;
    return [{ path, command: nested }, ...pathsOf(nested, path)];
  });
}

function bashScript(program: Command): string {
  const paths = pathsOf(program);
  const groups = paths.filter(({ command }) => command.commands.length > 0);
  const cases = [{ path: '', command: program }, ...paths].map(
    ({ path, command }) => `    "${path}")\n${bashFacts(command, program)}\n      ;;`,
  );
  return `# bash completion of argosy: source <(argosy completion bash)
_argosy_facts() {
  case "$1" in
${cases.join('\n')}
  esac
}
_argosy() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}"
  local path="" word index options="" valued="" words="" values="" named=""
  _argosy_facts ""
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    case " $valued " in *" $word "*) ((index++)); continue ;; esac
    case "$word" in -*) continue ;; esac
    case "$path" in
      "") path="$word" ;;
      ${groups.map(({ path }) => `"${path}"`).join('|')}) path="$path $word" ;;
      *) continue ;;
    esac
    _argosy_facts "$path"
  done
  case " $valued " in
    *" $previous "*)
      # Where there is no list of values the shell offers files.
      values="$(printf '%s' "$values" | tr ';' '\\n' | sed -n "s/^$previous=//p")"
      COMPREPLY=($(compgen -W "$values" -- "$current"))
      return
      ;;
  esac
  case "$current" in
    -*) words="$options" ;;
    *) [ -n "$named" ] && words="$("\${COMP_WORDS[0]}" list -o name 2>/dev/null) @latest" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _argosy argosy
`;
}

/** Shell assignments: what may stand after a command. Names of workflows are asked of the server. */
function bashFacts(command: Command, program: Command): string {
  const own = command === program ? program.options : [...command.options, ...program.options];
  const values = own.flatMap((option) =>
    option.argChoices === undefined
      ? []
      : spellings(option).map((spelling) => `${spelling}=${option.argChoices?.join(' ') ?? ''}`),
  );
  const words = [
    ...command.commands.map((nested) => nested.name()),
    ...command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
  ];
  const valued = own.filter((option) => option.required).flatMap(spellings);
  return [
    `options="${[...own.flatMap(spellings), '--help'].join(' ')}"`,
    `valued="${valued.join(' ')}"`,
    `values="${values.join(';')}"`,
    `words="${words.join(' ')}"`,
    `named="${takesWorkflow(command) ? 'yes' : ''}"`,
  ]
    .map((assignment) => `      ${assignment}`)
    .join('\n');
}

function takesWorkflow(command: Command): boolean {
  return command.registeredArguments[0]?.name() === 'name';
}

function spellings(option: Option): readonly string[] {
  return [option.short, option.long].filter((spelling) => spelling !== undefined);
}

function fishScript(program: Command): string {
  const lines = program.commands.flatMap((command) => {
    const name = command.name();
    const inside = `complete -c argosy -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c argosy -n __fish_use_subcommand -a ${name} -d ${fishText(command.description())}`,
      ...[...command.options, ...program.options].map((option) => fishOption(inside, option)),
      ...command.commands.map(
        (nested) => `${inside} -a ${nested.name()} -d ${fishText(nested.description())}`,
      ),
      ...command.registeredArguments
        .flatMap((argument) => argument.argChoices ?? [])
        .map((choice) => `${inside} -a ${choice}`),
      ...(takesWorkflow(command)
        ? [`${inside} -f -a '(argosy list -o name 2>/dev/null) @latest'`]
        : []),
    ];
  });
  return `# fish completion of argosy: argosy completion fish | source\n${lines.join('\n')}\n`;
}

function fishOption(inside: string, option: Option): string {
  const parts = [inside];
  if (option.short) parts.push(`-s ${option.short.slice(1)}`);
  if (option.long) parts.push(`-l ${option.long.slice(2)}`);
  if (option.required) parts.push('-r');
  if (option.argChoices) parts.push(`-f -a '${option.argChoices.join(' ')}'`);
  parts.push(`-d ${fishText(option.description)}`);
  return parts.join(' ');
}

function fishText(text: string): string {
  return `'${text.replaceAll("'", '')}'`;
}
