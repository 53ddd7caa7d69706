import type { Command } from 'commander';
import { backfillCommand, suspendCronCommand } from './commands/cron.ts';
import {
  deleteDeclared,
  getDeclared,
  listDeclared,
  writeDeclared,
  type DeclaredCommands,
} from './commands/declared.ts';
import {
  CLUSTER_TEMPLATE_COMMANDS,
  CRON_COMMANDS,
  EVENT_SOURCE_COMMANDS,
  SENSOR_COMMANDS,
  TEMPLATE_COMMANDS,
} from './commands/declared-kinds.ts';
import { lintCommand } from './commands/manifests.ts';
import { collect, integer, outputOption } from './commands/option-values.ts';
import { explainSensorCommand, type ExplainFlags } from './commands/sensor-explain.ts';
import type { Runner } from './program.ts';

/** Most runs of one backfill, unless more are asked for; as with Argo. */
const BACKFILL_COUNT_MAX_DEFAULT = 1_000;

/** `argosy cron`, `template` and `cluster-template`, as Argo's command line has them. */
export function addDeclaredCommands(program: Command, runner: Runner): void {
  const cron = program.command('cron').description('workflows that are started by schedules');
  addCommands(cron, runner, CRON_COMMANDS as unknown as DeclaredCommands);
  addCronCommands(cron, runner);
  const template = program.command('template').description('workflow templates');
  addCommands(template, runner, TEMPLATE_COMMANDS as unknown as DeclaredCommands);
  const cluster = program
    .command('cluster-template')
    .description('workflow templates for all namespaces');
  addCommands(cluster, runner, CLUSTER_TEMPLATE_COMMANDS as unknown as DeclaredCommands);
  const source = program.command('event-source').description('what brings events from outside');
  addCommands(source, runner, EVENT_SOURCE_COMMANDS as unknown as DeclaredCommands);
  const sensor = program.command('sensor').description('what is done when events come');
  addCommands(sensor, runner, SENSOR_COMMANDS as unknown as DeclaredCommands);
  addExplainCommand(sensor, runner);
}

/** What every kind has. */
function addCommands(group: Command, runner: Runner, commands: DeclaredCommands): void {
  const { noun, isCluster } = commands;
  for (const verb of ['create', 'update'] as const) {
    const write = group
      .command(`${verb} <file...>`)
      .description(`${verb} a ${noun} (- reads standard input)`)
      .option('--name <name>', 'name it so')
      .option('-l, --labels <name=value>', 'add a label (repeatable)', collect)
      .option('--strict', 'unknown fields are errors')
      .addOption(outputOption('json', 'yaml', 'name'));
    if (commands.kind === 'CronWorkflow') {
      write
        .option('--schedule <text>', 'the one schedule that it has')
        .option('--entrypoint <template>', 'begin with this template')
        .option('-p, --parameter <name=value>', 'set a parameter (repeatable)', collect);
    }
    write.action((files: string[]) =>
      runner.run(write, (context, options) =>
        writeDeclared(context, commands, { verb, files, options }),
      ),
    );
  }
  const list = group
    .command('list')
    .description(`list ${noun}s`)
    .option('-l, --selector <labels>', 'only with these labels')
    .addOption(outputOption());
  if (!isCluster) list.option('-A, --all-namespaces', 'of all namespaces');
  list.action(() =>
    runner.run(list, (context, options) => listDeclared(context, commands, options)),
  );
  addNamedCommands(group, runner, commands);
}

function addNamedCommands(group: Command, runner: Runner, commands: DeclaredCommands): void {
  const { noun } = commands;
  const get = group
    .command('get <name...>')
    .description(`show a ${noun}`)
    .addOption(outputOption());
  get.action((names: string[]) =>
    runner.run(get, (context, options) => getDeclared(context, commands, { names, options })),
  );
  const remove = group
    .command('delete [name...]')
    .description(`delete a ${noun}`)
    .option('--all', 'all of them');
  remove.action((names: string[]) =>
    runner.run(remove, (context, options) => deleteDeclared(context, commands, { names, options })),
  );
  const lint = group
    .command('lint <file...>')
    .description(`check ${noun}s`)
    .option('--offline', 'without a server: references only among the files')
    .option('--no-strict', 'unknown fields are warnings');
  lint.action((files: string[]) =>
    runner.run(lint, (context, options) => lintCommand(context, files, options)),
  );
}

function addCronCommands(cron: Command, runner: Runner): void {
  const descriptions = {
    suspend: 'start nothing new',
    resume: 'start workflows again; one that its stop strategy has stopped begins anew',
  };
  for (const verb of ['suspend', 'resume'] as const) {
    const command = cron.command(`${verb} <name...>`).description(descriptions[verb]);
    command.action((names: string[]) =>
      runner.run(command, (context, options) =>
        suspendCronCommand(context, verb, { names, options }),
      ),
    );
  }
  const backfill = cron
    .command('backfill <name>')
    .description('run the instants of a time that has passed')
    .requiredOption('--start <time>', 'instants after this one')
    .option('--end <time>', 'instants up to this one (default: now)')
    .option('--format <layout>', 'how the times are written, as a Go layout')
    .option('--name <name>', 'name of the backfill; the same one again submits nothing twice')
    .option('--argname <name>', 'workflow argument that gets the instant', 'cronScheduleTime')
    .option('--parallel', 'all at once instead of one after the other')
    .option(
      '--maxworkflowcount <number>',
      'most workflows',
      integer({ min: 1, what: 'a number of workflows' }),
      BACKFILL_COUNT_MAX_DEFAULT,
    );
  backfill.action((name: string) =>
    runner.run(backfill, (context, options) =>
      backfillCommand(context, name, options as Parameters<typeof backfillCommand>[2]),
    ),
  );
}

function addExplainCommand(sensor: Command, runner: Runner): void {
  const explain = sensor
    .command('explain <sensor>')
    .description('say why an event fires a sensor or not, and with what (a name or a file)')
    .requiredOption('--event <file>', 'the event: a CloudEvent, or data alone (-: standard input)')
    .option('--dependency <name>', 'as if it came for this dependency')
    .addOption(outputOption('json', 'yaml'));
  explain.action((name: string) =>
    runner.run(explain, (context, options) =>
      explainSensorCommand(context, name, options as ExplainFlags),
    ),
  );
}
