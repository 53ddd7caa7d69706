import { Option, type Command } from 'commander';
import {
  deleteDeadLettersCommand,
  listDeadLettersCommand,
  redriveDeadLettersCommand,
  showDeadLetterCommand,
} from './commands/events-dlq.ts';
import { replayEventsCommand, type ReplayFlags } from './commands/events-replay.ts';
import { tailEventsCommand } from './commands/events-tail.ts';
import { sendEventCommand } from './commands/events.ts';
import { outputOption, readLetterLimit } from './commands/option-values.ts';
import type { Runner } from './program.ts';

/** What `--since` and `--until` of events take. */
const MOMENTS = '2030-01-31T12:00:00Z, 12:00:00 (today), 5m (ago), 17 (sequence)';

/** `argosy events` */
export function addEventCommands(program: Command, runner: Runner): void {
  const events = program.command('events').description('events on the bus');
  const send = events
    .command('send <event-source/event-name>')
    .description('store an event as if an event source had produced it')
    .option('-d, --data <json>', 'the event’s data (default {})')
    .option('-f, --file <file>', 'read the data from a file (-: standard input)')
    .option('--cloud-event', 'what is given is a whole CloudEvent, whose attributes are kept')
    .option('--id <id>', 'id of the event; the same id again stores nothing')
    .option('--type <type>', 'type of the event')
    .option('--event-bus <name>', 'event bus');
  send.action((target: string) =>
    runner.run(send, (context, options) => sendEventCommand(context, target, options)),
  );
  const tail = selection(events.command('tail').description('print events as they come'))
    .option('--since <moment>', `begin with what is kept: ${MOMENTS}`)
    .addOption(
      new Option('--follow [flag]', 'go on with what comes (default)').choices(['true', 'false']),
    )
    .option('--no-follow', 'end with what is kept')
    .addOption(outputOption('json', 'name'));
  tail.action(() => runner.run(tail, tailEventsCommand));
  const replay = selection(
    events
      .command('replay')
      .description('give kept events to sensors again; what has fired before is not doubled'),
  )
    .requiredOption('--since <moment>', `from there on: ${MOMENTS}`)
    .option('--until <moment>', 'up to then')
    .option('--sensor <name>', 'only to this sensor (default: to each that listens)')
    .option('--dry-run', 'only tell what would be given to whom')
    .option('--as-new', 'with new ids, so that what has fired before fires anew')
    .option('--name <name>', 'name of the replay; the same one again makes the same new ids')
    .addOption(outputOption('json', 'name'));
  replay.action(() =>
    runner.run(replay, (context, options) => replayEventsCommand(context, options as ReplayFlags)),
  );
  addDeadLetterCommands(events, runner);
}

function selection(command: Command): Command {
  return command
    .option('--event-source <name>', 'only of this event source')
    .option('--event <name>', 'only events of this name')
    .option('--event-bus <name>', 'event bus');
}

function addDeadLetterCommands(events: Command, runner: Runner): void {
  const dlq = events
    .command('dlq')
    .description('dead letters: firings whose triggers failed at all attempts');
  const narrowed = (command: Command): Command =>
    command
      .option('--sensor <name>', 'only of this sensor')
      .option('--trigger <name>', 'only of this trigger')
      .option('--limit <number>', 'at most so many (default 500)', readLetterLimit);
  const list = narrowed(dlq.command('list').description('list dead letters, oldest first'));
  list.addOption(outputOption('json', 'yaml', 'name'));
  list.action(() => runner.run(list, listDeadLettersCommand));
  const show = dlq
    .command('show <id>')
    .description('show a dead letter with its events (the beginning of an id is enough)')
    .addOption(outputOption('json', 'yaml'));
  show.action((id: string) =>
    runner.run(show, (context, options) => showDeadLetterCommand(context, id, options)),
  );
  const redrive = narrowed(
    dlq
      .command('redrive [id...]')
      .description('run the triggers once more, with the same firings')
      .option('--all', 'of all dead letters'),
  );
  redrive.action((ids: string[]) =>
    runner.run(redrive, (context, options) => redriveDeadLettersCommand(context, ids, options)),
  );
  const remove = narrowed(
    dlq.command('delete [id...]').description('forget dead letters').option('--all', 'all of them'),
  );
  remove.action((ids: string[]) =>
    runner.run(remove, (context, options) => deleteDeadLettersCommand(context, ids, options)),
  );
}
