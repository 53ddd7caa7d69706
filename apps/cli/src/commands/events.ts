import type { SendEventRequestSchema } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
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
  const event = options.cloudEvent === true ? readCloudEvent(text) : plainEvent(text);
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

/** Attributes of the JSON format that are no extensions. */
const ATTRIBUTES = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
  'data',
  'data_base64',
]);

/** An event in the JSON format of CloudEvents 1.0. */
function readCloudEvent(text: string): MessageInitShape<typeof SendEventRequestSchema> {
  const event = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw new ArgosyError('INVALID_ARGUMENT', '--cloud-event takes one JSON object');
  }
  const attribute = (name: string): string => {
    const value = event[name];
    return typeof value === 'string' ? value : '';
  };
  const missing = ['id', 'source', 'type'].find((name) => attribute(name) === '');
  if (missing !== undefined) {
    throw new ArgosyError('INVALID_ARGUMENT', `the CloudEvent lacks the attribute ${missing}`);
  }
  const atMs = Date.parse(attribute('time'));
  const extensions = Object.entries(event)
    .filter(([name]) => !ATTRIBUTES.has(name))
    .map(([name, value]) => [name, String(value)] as const);
  return {
    id: attribute('id'),
    source: attribute('source'),
    type: attribute('type'),
    subject: attribute('subject'),
    ...(Number.isNaN(atMs) ? {} : { time: timestampFromMs(atMs) }),
    dataContentType: attribute('datacontenttype') || 'application/json',
    extensions: Object.fromEntries(extensions),
    data: cloudEventData(event),
  };
}

function cloudEventData(event: Readonly<Record<string, unknown>>): Uint8Array {
  const base64 = event['data_base64'];
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64');
  return new TextEncoder().encode(JSON.stringify(event['data'] ?? {}));
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
