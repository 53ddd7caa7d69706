import { Option, type Command } from 'commander';
import { controlCommand, type Verb } from './commands/control.ts';
import { nodeSetCommand } from './commands/node.ts';
import { collect } from './commands/option-values.ts';
import { waitCommand } from './commands/wait.ts';
import type { Runner } from './program.ts';

const selector = (): Option => new Option('--node-field-selector <selector>', 'only these nodes');
const parameter = (): Option =>
  new Option('-p, --parameter <name=value>', 'set a parameter (repeatable)').argParser(collect);

/** What is done to workflows that exist. */
export function addControlCommands(program: Command, runner: Runner): void {
  const add = (verb: Verb, description: string): Command => {
    const command = program
      .command(`${verb} [name...]`)
      .description(description)
      .option('-l, --selector <labels>', 'those with these labels, instead of names');
    command.action((names: string[]) =>
      runner.run(command, (context, options) => controlCommand(context, verb, { names, options })),
    );
    return command;
  };
  add('stop', 'end a workflow; exit handlers still run')
    .option('--message <text>', 'message of the nodes that the selector names')
    .option('--dry-run', 'only say which')
    .addOption(selector());
  add('terminate', 'end a workflow at once, without exit handlers').option(
    '--dry-run',
    'only say which',
  );
  add('suspend', 'start nothing new');
  add('resume', 'go on with a suspended workflow')
    .addOption(selector())
    .option('--output-parameter <name=value>', 'supply an output (repeatable)', collect);
  add('retry', 'run again what failed')
    .option('--restart-successful', 'also the nodes that the selector names')
    .addOption(selector())
    .addOption(parameter());
  add('resubmit', 'start a new run of the same workflow')
    .option('--memoized', 'take over what succeeded, and run only the rest')
    .addOption(parameter());
  add('delete', 'remove a workflow with its history and logs')
    .option('--all', 'all of the namespace')
    .option('-A, --all-namespaces', 'of all namespaces')
    .option('--completed', 'those that have ended')
    .option('--resubmitted', 'those that were resubmitted from others')
    .option('--older <time>', 'those that ended so long ago: 10m, 3h, 1d')
    .option('--prefix <text>', 'those whose names begin so')
    .option('--status <phases>', 'those in these phases, comma-separated')
    .option('--dry-run', 'only say which');
  addWaitCommand(program, runner);
  addNodeCommands(program, runner);
}

function addWaitCommand(program: Command, runner: Runner): void {
  const wait = program
    .command('wait <name...>')
    .description('wait until workflows have ended; the exit code is the outcome')
    .option('--ignore-not-found', 'one that is not there has ended well');
  wait.action((names: string[]) =>
    runner.run(wait, (context, options) => waitCommand(context, names, options)),
  );
}

function addNodeCommands(program: Command, runner: Runner): void {
  const node = program.command('node').description('nodes of workflows');
  const set = node
    .command('set <name>')
    .description('set outputs, phase and message of nodes that wait for somebody')
    .addOption(selector())
    .option('-p, --output-parameter <name=value>', 'supply an output (repeatable)', collect)
    .option('--phase <phase>', 'end them so: Succeeded, Failed, Error or Skipped')
    .option('-m, --message <text>', 'their message');
  set.action((name: string) =>
    runner.run(set, (context, options) => nodeSetCommand(context, name, options)),
  );
}
