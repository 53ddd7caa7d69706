import { timestampDate } from '@bufbuild/protobuf/wkt';
import { EXIT, withConnection, type CommandContext, type GlobalOptions } from './context.ts';
import { eventSelection, type EventFlags } from './events-tail.ts';
import { momentText } from './moment-text.ts';

export interface ReplayFlags extends EventFlags {
  readonly since: string;
  readonly until?: string;
  readonly sensor?: string;
  readonly dryRun?: boolean;
  readonly asNew?: boolean;
  readonly name?: string;
  readonly output?: 'json' | 'name';
}

/** `argosy events replay --since …`: a line for each event that sensors get again. */
export async function replayEventsCommand(
  context: CommandContext,
  options: GlobalOptions & ReplayFlags,
): Promise<number> {
  const { dryRun = false, asNew = false, output } = options;
  return withConnection(context, options, async (connection) => {
    const request = {
      ...eventSelection(options),
      since: momentText(options.since),
      until: momentText(options.until ?? ''),
      sensor: options.sensor ?? '',
      dryRun,
      asNew,
      name: options.name ?? '',
    };
    let count = 0;
    const signal = context.signal;
    for await (const replayed of connection.events.replayEvents(request, { signal })) {
      count += 1;
      const { eventSource, eventName, id, sequence, sensors, storedAt } = replayed;
      const name = `${eventSource}/${eventName}`;
      const time = storedAt === undefined ? '' : timestampDate(storedAt).toISOString();
      const facts = { sequence: Number(sequence), eventSource, eventName, id, time, sensors };
      const forPeople = `#${sequence} ${time} ${name} ${id} → ${sensors.join(', ')}`;
      const text =
        output === 'json' ? JSON.stringify(facts) : output === 'name' ? `${name} ${id}` : forPeople;
      context.stdout.write(`${text}\n`);
    }
    const done = dryRun ? 'would be replayed' : 'replayed';
    context.stderr.write(`${count} ${count === 1 ? 'event' : 'events'} ${done}\n`);
    return context.signal.aborted ? EXIT.interrupted : EXIT.ok;
  });
}
