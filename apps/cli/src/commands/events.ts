import type { SendEventRequestSchema } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { eventsOfRequest } from '@argosy/shell';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { EXIT, withConnection, type CommandContext, type GlobalOptions } from './context.ts';
import { readManifestTexts } from './files.ts';

export interface SendFlags {
  readonly data?: string;
  readonly file?: string;
  readonly id?: string;
  readonly type?: string;
  readonly eventBus?: string;
  readonly cloudEvent?: boolean;
}

/** `argosy events send SOURCE/EVENT --data JSON` */
export async function sendEventCommand(
  context: CommandContext,
  target: string,
  options: GlobalOptions & SendFlags,
): Promise<number> {
  const [eventSource = '', eventName = '', ...rest] = target.split('/');
  if (eventSource === '' || eventName === '' || rest.length > 0) {
    throw new ArgosyError(
      'INVALID_ARGUMENT',
      `name the event as EVENT_SOURCE/EVENT_NAME, not "${target}"`,
    );
  }
  const text = await eventData(context, options);
  const event = options.cloudEvent === true ? await readCloudEvent(text) : plainEvent(text);
  return withConnection(context, options, async (connection) => {
    const answer = await connection.events.sendEvent({
      namespace: options.namespace ?? '',
      eventBus: options.eventBus ?? '',
      eventSource,
      eventName,
      ...event,
      ...(options.id === undefined ? {} : { id: options.id }),
      ...(options.type === undefined ? {} : { type: options.type }),
    });
    const note = answer.duplicate ? ' (was there already)' : '';
    context.stdout.write(`event ${answer.id} stored as number ${answer.sequence}${note}\n`);
    return EXIT.ok;
  });
}

function plainEvent(text: string): MessageInitShape<typeof SendEventRequestSchema> {
  return { dataContentType: 'application/json', data: new TextEncoder().encode(text) };
}

/** An event in the JSON format of CloudEvents. @throws ArgosyError INVALID_ARGUMENT */
async function readCloudEvent(
  text: string,
): Promise<MessageInitShape<typeof SendEventRequestSchema>> {
  const headers = { 'content-type': 'application/cloudevents+json' };
  const [event, ...more] = await eventsOfRequest(headers, new TextEncoder().encode(text));
  if (event === undefined || more.length > 0) {
    throw new ArgosyError('INVALID_ARGUMENT', '--cloud-event takes one event');
  }
  const atMs = Date.parse(event.time ?? '');
  return {
    id: event.id,
    source: event.source,
    type: event.type,
    subject: event.subject ?? '',
    ...(Number.isNaN(atMs) ? {} : { time: timestampFromMs(atMs) }),
    dataContentType: event.datacontenttype ?? 'application/json',
    extensions: { ...event.extensions },
    data: event.data,
  };
}

async function eventData(context: CommandContext, options: SendFlags): Promise<string> {
  const [fromFile] =
    options.file === undefined ? [] : await readManifestTexts(context, [options.file]);
  const text = fromFile?.text ?? options.data ?? '{}';
  try {
    JSON.parse(text);
  } catch (cause) {
    const where = options.file ?? '--data';
    throw new ArgosyError('INVALID_ARGUMENT', `${where} is not JSON: ${(cause as Error).message}`);
  }
  return text;
}
