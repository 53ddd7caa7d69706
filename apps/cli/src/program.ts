import { ArgosyError } from '@argosy/base';
import { SCHEMA_KINDS } from '@argosy/model';
import { Argument, Command } from 'commander';
import { completionCommand, SHELLS, type Shell } from './commands/completion.ts';
import {
  EXIT,
  processContext,
  type CommandContext,
  type GlobalOptions,
} from './commands/context.ts';
import { convertCommand } from './commands/convert.ts';
import { demoCommand } from './commands/demo.ts';
import { historyCommand } from './commands/history.ts';
import { applyCommand, lintCommand } from './commands/manifests.ts';
import {
  collect,
  logLevelOption,
  outputOption,
  readConcurrency,
  readFactLimit,
  readLimit,
  readLineCount,
  readPort,
  readPriority,
} from './commands/option-values.ts';
import { getCommand, listCommand, logsCommand, watchCommand } from './commands/read.ts';
import { runCommand } from './commands/run.ts';
import { schemaCommand, SIMULATION_KIND } from './commands/schema.ts';
import { simulateCommand } from './commands/simulate.ts';
import { submitCommand } from './commands/submit.ts';
import { upCommand } from './commands/up.ts';
import { versionCommand } from './commands/version.ts';
import { addControlCommands } from './program-control.ts';
import { addDeclaredCommands } from './program-declared.ts';
import { addEventCommands } from './program-events.ts';

/** Carries out a command; the number is the exit code. */
type Handler = (context: CommandContext, options: GlobalOptions & object) => Promise<number>;

/** Runs the handler of the command that was given. */
export interface Runner {
  run(command: Command, handler: Handler): Promise<void>;
}

const EXAMPLES = `
Examples:
  argosy run examples/hello-world.yaml         run to the end, with a live tree and logs
  argosy up                                    everything on this machine, until Ctrl-C
  argosy submit FILE -p name=value --watch     on the Argosy that is up
  argosy get @latest                           the newest workflow
  argosy logs @latest -f                       its logs, live

Exit codes: 0 done, or the workflow succeeded; 1 failed; 2 wrong use; 130 interrupted.`;

/** Where nobody says how wide it is. */
const HELP_COLUMNS_DEFAULT = 100;

/** Where commander's own texts go. */
export type ProgramStreams = Pick<CommandContext, 'stdout' | 'stderr'>;

/** The command line `argosy`. */
export function createProgram(runner: Runner, { stdout, stderr }: ProgramStreams): Command {
  // Settings first: commands take them over when they are made.
  const program = new Command('argosy')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      getOutHelpWidth: () => stdout.columns || HELP_COLUMNS_DEFAULT,
      getErrHelpWidth: () => stderr.columns || HELP_COLUMNS_DEFAULT,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help for what there is)')
    .enablePositionalOptions(false)
    .description('Workflows and events from Argo manifests, on NATS')
    .option('-n, --namespace <name>', 'namespace (default: the manifest’s own, then "default")')
    .option('--server <host:port>', 'gRPC address of the gateway (ARGOSY_SERVER)')
    .option('--token <token>', 'token of the gateway (ARGOSY_TOKEN)')
    .option('--home <folder>', 'folder of the embedded installation (ARGOSY_HOME, ~/.argosy)')
    .addHelpText('after', EXAMPLES);
  addRuntimeCommands(program, runner);
  addSubmitCommands(program, runner);
  addReadCommands(program, runner);
  addControlCommands(program, runner);
  addManifestCommands(program, runner);
  addDeclaredCommands(program, runner);
  addLanguageCommands(program, runner);
  addEventCommands(program, runner);
  addOtherCommands(program, runner);
  return program;
}

function addRuntimeCommands(program: Command, runner: Runner): void {
  const ports = (command: Command): Command =>
    command
      .option(
        '--port <number>',
        'port of REST and web hooks (default 2746; 0: a free one)',
        readPort,
      )
      .option('--grpc-port <number>', 'port of gRPC (default 2747; 0: a free one)', readPort)
      .option(
        '--concurrency <number>',
        'tasks at work at once (default 4 per core)',
        readConcurrency,
      )
      .addOption(logLevelOption('what is logged'));
  const up = ports(program.command('up').description('run everything on this machine'));
  up.action(() => runner.run(up, upCommand));
  const demo = ports(
    program
      .command('demo')
      .description('run everything, and show a webhook starting a workflow')
      .option('--once', 'end after the demonstration'),
  );
  demo.action(() => runner.run(demo, demoCommand));
}

/** What a submission may change. */
function submitOptions(command: Command): Command {
  return command
    .option('-p, --parameter <name=value>', 'set a parameter (repeatable)', collect)
    .option('--entrypoint <template>', 'begin with this template')
    .option('--name <name>', 'name of the run')
    .option('--generate-name <prefix>', 'prefix of the run’s name')
    .option('-l, --labels <name=value>', 'add a label (repeatable)', collect)
    .option('-f, --parameter-file <file>', 'set the parameters of a YAML or JSON file')
    .option('--serviceaccount <name>', 'service account of the run')
    .option('--scheduled-time <time>', 'instant that a schedule would have, in RFC 3339')
    .option('--priority <number>', 'priority of the run', readPriority)
    .option('--strict', 'unknown fields are errors');
}

function addSubmitCommands(program: Command, runner: Runner): void {
  const run = submitOptions(
    program
      .command('run <file...>')
      .description('run workflows to their end; the exit code is the outcome')
      .option('--no-logs', 'do not print the logs')
      .addOption(logLevelOption('of the services, when they are started for this run')),
  );
  run.action((files: string[]) =>
    runner.run(run, (context, options) => runCommand(context, files, options)),
  );
  const submit = submitOptions(
    program
      .command('submit [file...]')
      .description('submit workflows (- reads standard input)')
      .option('--from <kind/name>', 'submit from a template')
      .option('-w, --watch', 'follow to the end')
      .option('--log', 'follow to the end with logs')
      .option('--dry-run', 'check everything, start nothing')
      .addOption(outputOption('json', 'yaml', 'name')),
  );
  submit.action((files: string[]) =>
    runner.run(submit, (context, options) => submitCommand(context, files, options)),
  );
}

/** What `--at` and its like take. */
const MOMENTS =
  '2030-01-31T12:00:00Z, 12:00:00 (today), +90s (after the begin), -5m (ago), #17 (fact)';

function addReadCommands(program: Command, runner: Runner): void {
  const list = program
    .command('list')
    .description('list workflows, newest first')
    .option('-A, --all-namespaces', 'of all namespaces')
    .option('-l, --selector <labels>', 'only with these labels')
    .option('--status <phases>', 'only in these phases, comma-separated')
    .option('--running', 'only live ones')
    .option('--completed', 'only finished ones')
    .option('--prefix <text>', 'only names that begin so')
    .option('--limit <number>', 'at most so many', readLimit)
    .addOption(outputOption());
  list.action(() => runner.run(list, listCommand));
  const get = program
    .command('get <name>')
    .description('show a workflow (@latest: the newest)')
    .option('--at <moment>', `as it was then: ${MOMENTS}`)
    .addOption(outputOption());
  get.action((name: string) =>
    runner.run(get, (context, options) => getCommand(context, name, options)),
  );
  const history = program
    .command('history <name>')
    .description('tell what happened to a workflow, fact by fact')
    .option('--node <name>', 'only of this node (id, name or display name)')
    .option('--since <moment>', `from then on: ${MOMENTS}`)
    .option('--until <moment>', 'up to then')
    .option('--limit <number>', 'at most so many facts', readFactLimit)
    .option('-f, --follow', 'go on until the workflow ends')
    .addOption(outputOption('json', 'yaml', 'wide'));
  history.action((name: string) =>
    runner.run(history, (context, options) => historyCommand(context, name, options)),
  );
  const watch = program.command('watch <name>').description('show a workflow live to its end');
  watch.action((name: string) =>
    runner.run(watch, (context, options) => watchCommand(context, name, options)),
  );
  const logs = program
    .command('logs <name> [node]')
    .description('print the logs of a workflow or of one of its nodes')
    .option('-f, --follow', 'go on until the workflow ends')
    .option('-c, --container <name>', 'only of this container')
    .option('--tail <lines>', 'only the last lines', readLineCount)
    .option('--grep <text>', 'only lines that contain the text')
    .option('--timestamps', 'with the time of each line')
    .option('--no-prefix', 'without the name of the node');
  logs.action((name: string, node: string | undefined) =>
    runner.run(logs, (context, options) => logsCommand(context, [name, node], options)),
  );
}

function addManifestCommands(program: Command, runner: Runner): void {
  const lint = program
    .command('lint <file...>')
    .description('check manifests')
    .option('--offline', 'without a server: references only among the files')
    .option('--strict', 'unknown fields are errors (default)')
    .option('--no-strict', 'unknown fields are warnings');
  lint.action((files: string[]) =>
    runner.run(lint, (context, options) => lintCommand(context, files, options)),
  );
  addSimulateCommand(program, runner);
  const apply = program
    .command('apply <file...>')
    .description('declare templates, event sources, sensors …')
    .option('--strict', 'unknown fields are errors')
    .option('--dry-run', 'check everything, store nothing')
    .addOption(outputOption('json', 'yaml', 'name'));
  apply.action((files: string[]) =>
    runner.run(apply, (context, options) => applyCommand(context, files, options)),
  );
}

function addLanguageCommands(program: Command, runner: Runner): void {
  const convert = program
    .command('convert <file...>')
    .description('print manifests of Argo 3 with the fields of Argo 4');
  convert.action((files: string[]) =>
    runner.run(convert, (context) => convertCommand(context, files)),
  );
  const schema = program
    .command('schema')
    .description('print the JSON Schema of a kind of manifest, for editors')
    .addArgument(
      new Argument('[kind]', 'which kind (default: all)').choices([
        ...SCHEMA_KINDS,
        SIMULATION_KIND,
      ]),
    );
  schema.action((kind: string | undefined) =>
    runner.run(schema, (context) => schemaCommand(context, kind)),
  );
}

function addSimulateCommand(program: Command, runner: Runner): void {
  const simulate = program
    .command('simulate [file...]')
    .description('play workflows on the real engine in virtual time, with given outcomes')
    .option('-m, --mock <file>', 'mocks, events and expectations (repeatable)', collect)
    .option('--templates <file>', 'more manifests (repeatable)', collect)
    .option('--from <kind/name>', 'what is run, where the files leave a choice')
    .option('-p, --parameter <name=value>', 'set a parameter (repeatable)', collect)
    .option('--case <text>', 'only cases with this in their name')
    .option('--strict', 'a leaf that no mock means is an error')
    .option('--report <form=file>', 'write a report: junit=FILE or json=FILE', collect)
    .addOption(outputOption('json', 'yaml', 'wide'));
  simulate.action((files: string[]) =>
    runner.run(simulate, (context, options) => simulateCommand(context, files, options)),
  );
}

function addOtherCommands(program: Command, runner: Runner): void {
  const version = program.command('version').description('version of the client and the server');
  version.action(() => runner.run(version, versionCommand));
  const completion = program
    .command('completion')
    .description('print a completion script: source <(argosy completion bash)')
    .addArgument(new Argument('<shell>', 'whose script').choices(SHELLS));
  completion.action((shell: string) =>
    runner.run(completion, (context) => completionCommand(context, program, shell as Shell)),
  );
}

/** Runs one command line; resolves to the exit code. */
export async function runProgram(
  argv: readonly string[],
  context: CommandContext,
): Promise<number> {
  let exitCode: number = EXIT.ok;
  const runner: Runner = {
    async run(command, handler) {
      exitCode = await handler(context, command.optsWithGlobals());
    },
  };
  const program = createProgram(runner, context);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    return explain(context, thrown);
  }
}

/** Prints what went wrong in one line; the exit code tells usage from failure. */
function explain(context: CommandContext, thrown: unknown): number {
  if (isCommanderError(thrown)) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (context.signal.aborted) return EXIT.interrupted;
  const error = ArgosyError.fromUnknown(thrown);
  context.notices.print(`${context.errorStyle.phase('Error', 'error')}: ${error.message}`);
  if (error.code === 'INTERNAL' && context.env['ARGOSY_LOG_LEVEL'] === 'debug') {
    context.notices.print(error.stack ?? '');
  }
  return error.code === 'INVALID_ARGUMENT' ? EXIT.usage : EXIT.failed;
}

function isCommanderError(thrown: unknown): thrown is { readonly exitCode: number } {
  return thrown instanceof Error && 'exitCode' in thrown && thrown.name === 'CommanderError';
}

export { processContext };
