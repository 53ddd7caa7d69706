import type { WatchEventsResponse } from '@argosy/api';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { rowOf } from '../view/table.ts';
import { EXIT, withConnection, type CommandContext, type GlobalOptions } from './context.ts';
import { momentText } from './moment-text.ts';

/** Which events of a bus are meant. */
export interface EventFlags {
  readonly eventSource?: string;
  readonly event?: string;
  readonly eventBus?: string;
}

export interface TailFlags extends EventFlags {
  readonly since?: string;
  readonly follow?: boolean | 'true' | 'false';
  readonly output?: 'json' | 'name';
}

/** The options as requests have them. */
export function eventSelection(options: GlobalOptions & EventFlags) {
  return {
    namespace: options.namespace ?? '',
    eventBus: options.eventBus ?? '',
    eventSource: options.eventSource ?? '',
    eventName: options.event ?? '',
  };
}

/** Widths of the columns, in characters; rows are printed as they come. */
const WIDTHS = [8, 24, 28, 36];
/** Of the data of an event, in a row for people. */
const DATA_CHARACTERS_MAX = 120;

/** `argosy events tail` */
export async function tailEventsCommand(
  context: CommandContext,
  options: GlobalOptions & TailFlags,
): Promise<number> {
  const follow = options.follow !== false && options.follow !== 'false';
  return withConnection(context, options, async (connection) => {
    const request = {
      ...eventSelection(options),
      since: momentText(options.since ?? ''),
      noFollow: !follow,
    };
    const events = connection.events.watchEvents(request, { signal: context.signal });
    if (options.output === undefined) {
      const head = ['SEQUENCE', 'TIME', 'EVENT', 'ID', 'DATA'].map(context.style.bold);
      context.stdout.write(`${rowOf(head, WIDTHS)}\n`);
    }
    for await (const event of events) context.stdout.write(`${eventText(event, options)}\n`);
    return context.signal.aborted ? EXIT.interrupted : EXIT.ok;
  });
}

function eventText(event: WatchEventsResponse, { output }: TailFlags): string {
  const name = `${event.eventSource}/${event.eventName}`;
  if (output === 'name') return `${name} ${event.id}`;
  if (output === 'json') return JSON.stringify(cloudEvent(event));
  const time = event.time === undefined ? '' : timestampDate(event.time).toISOString();
  const data = new TextDecoder().decode(event.data).replace(/\s+/g, ' ');
  const short = data.length > DATA_CHARACTERS_MAX ? `${data.slice(0, DATA_CHARACTERS_MAX)}…` : data;
  return rowOf([String(event.sequence), time, name, event.id, short], WIDTHS);
}

/** One line of JSON: the CloudEvent, with where it is kept. */
function cloudEvent(event: WatchEventsResponse): object {
  const { time, dataContentType, data, extensions } = event;
  return {
    sequence: Number(event.sequence),
    eventSource: event.eventSource,
    eventName: event.eventName,
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: event.type,
    subject: event.subject,
    ...(time === undefined ? {} : { time: timestampDate(time).toISOString() }),
    ...(dataContentType === '' ? {} : { datacontenttype: dataContentType }),
    ...extensions,
    ...dataOf(data),
  };
}

function dataOf(data: Uint8Array): object {
  try {
    return { data: JSON.parse(new TextDecoder().decode(data)) as unknown };
  } catch {
    return { data_base64: Buffer.from(data).toString('base64') };
  }
}
