import type { CloudEvent } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { CloudEventV1 as SdkEvent } from 'cloudevents';

/** Headers of a request, their names in lower case. */
export type CloudEventHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Most events of one batch. */
const BATCH_EVENTS_MAX = 1_000;

const STRUCTURED = 'application/cloudevents+json';
const BATCHED = 'application/cloudevents-batch+json';
const SPEC_VERSIONS: ReadonlySet<unknown> = new Set(['1.0', '0.3']);
const REQUIRED_ATTRIBUTES = ['specversion', 'id', 'source', 'type'];
/** Attributes that are not extensions. */
const OWN_ATTRIBUTES = [
  'id',
  'source',
  'type',
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
  'specversion',
  'data',
  'data_base64',
  'schemaurl',
  'datacontentencoding',
];

/** Whether a request says that it carries CloudEvents. */
export function carriesCloudEvents(headers: CloudEventHeaders): boolean {
  return isJsonFormat(headers) || headers['ce-specversion'] !== undefined;
}

function isJsonFormat(headers: CloudEventHeaders): boolean {
  const contentType = String(headers['content-type'] ?? '').toLowerCase();
  return contentType.startsWith(BATCHED) || contentType.startsWith(STRUCTURED);
}

/**
 * The events of an HTTP request in CloudEvents' structured, batched or binary mode
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md).
 * In binary mode the body stays as it came.
 * @throws ArgosyError INVALID_ARGUMENT
 */
export async function eventsOfRequest(
  headers: CloudEventHeaders,
  body: Uint8Array,
): Promise<readonly CloudEvent[]> {
  if (isJsonFormat(headers)) {
    const text = new TextDecoder().decode(body);
    const given = attributesGiven(text);
    const events = await decoded(headers, text);
    return events.map((event, index) => withOwnData(event, given[index]?.['time']));
  }
  if (!carriesCloudEvents(headers)) {
    const message =
      'The request is no CloudEvent: send the attributes as ce- headers, or the content type ' +
      `${STRUCTURED} or ${BATCHED}.`;
    throw new ArgosyError('INVALID_ARGUMENT', message);
  }
  for (const name of REQUIRED_ATTRIBUTES) {
    if ((headers[`ce-${name}`] ?? '') === '') throw missing(name);
  }
  const given = { specversion: headers['ce-specversion'], time: headers['ce-time'] };
  checkGiven(given);
  // The body of a binary event is no business of the decoder, which would parse it.
  const attributes = { ...headers, 'content-type': 'text/plain' };
  const type = headers['content-type'];
  return (await decoded(attributes, '-')).map((event) => ({
    ...attributesOf(event, given.time),
    ...(typeof type === 'string' ? { datacontenttype: type } : {}),
    data: body,
  }));
}

/**
 * The attributes of each event as they were sent. The decoder makes up what is missing, which would defeat
 * de-duplication, so that is refused here.
 */
function attributesGiven(text: string): readonly Readonly<Record<string, unknown>>[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const reason = ArgosyError.fromUnknown(error).message;
    throw new ArgosyError('INVALID_ARGUMENT', `The body is not JSON: ${reason}.`);
  }
  const events = Array.isArray(parsed) ? (parsed as unknown[]) : [parsed];
  return events.map((event) => {
    const fields = { ...(typeof event === 'object' ? event : {}) } as Record<string, unknown>;
    for (const name of REQUIRED_ATTRIBUTES) {
      const value = fields[name];
      if (typeof value !== 'string' || value === '') throw missing(name);
    }
    checkGiven(fields);
    return fields;
  });
}

/** What the decoder would put right in silence. */
function checkGiven(given: { readonly specversion?: unknown; readonly time?: unknown }): void {
  if (!SPEC_VERSIONS.has(given.specversion)) {
    const message = 'The attribute specversion must be 1.0 (or 0.3).';
    throw new ArgosyError('INVALID_ARGUMENT', message);
  }
  const { time } = given;
  if (time === undefined || time === null) return;
  if (typeof time === 'string' && !Number.isNaN(Date.parse(time))) return;
  throw new ArgosyError('INVALID_ARGUMENT', 'The attribute time must be an RFC 3339 time.');
}

function missing(name: string): ArgosyError {
  return new ArgosyError('INVALID_ARGUMENT', `The event lacks the attribute ${name}.`);
}

async function decoded(
  headers: CloudEventHeaders,
  body: string,
): Promise<readonly SdkEvent<unknown>[]> {
  // Loaded when the first one comes: most processes never see one.
  const { HTTP } = await import('cloudevents');
  let events: readonly SdkEvent<unknown>[];
  try {
    const parsed = HTTP.toEvent<unknown>({ headers: { ...headers }, body });
    events = Array.isArray(parsed) ? parsed : [parsed];
  } catch (error) {
    const reason = ArgosyError.fromUnknown(error).message;
    const message = `The CloudEvent cannot be read: ${reason}.`;
    throw new ArgosyError('INVALID_ARGUMENT', message, { cause: error });
  }
  if (events.length <= BATCH_EVENTS_MAX) return events;
  const message = `The batch holds ${events.length} events; the limit is ${BATCH_EVENTS_MAX}.`;
  throw new ArgosyError('RESOURCE_EXHAUSTED', message);
}

function withOwnData(event: SdkEvent<unknown>, time: unknown): CloudEvent {
  const attributes = attributesOf(event, time);
  if (event.data_base64 !== undefined) {
    return { ...attributes, data: Buffer.from(event.data_base64, 'base64') };
  }
  const { data, datacontenttype } = event;
  if (data === undefined) return { ...attributes, data: new Uint8Array() };
  const isText =
    typeof data === 'string' && !/[/+]json\b/.test(datacontenttype ?? 'application/json');
  return { ...attributes, data: new TextEncoder().encode(isText ? data : JSON.stringify(data)) };
}

/** @param time as it was sent: the decoder cuts it to milliseconds. */
function attributesOf(event: SdkEvent<unknown>, time: unknown): Omit<CloudEvent, 'data'> {
  const { id, source, type, subject, datacontenttype, dataschema } = event;
  const extensions = Object.entries(JSON.parse(JSON.stringify(event)) as object)
    .filter(([name]) => !OWN_ATTRIBUTES.includes(name))
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([name, value]) => [name, String(value)] as const);
  return {
    id,
    source,
    type,
    ...(subject === undefined ? {} : { subject }),
    ...(typeof time === 'string' ? { time } : {}),
    ...(datacontenttype === undefined ? {} : { datacontenttype }),
    ...(dataschema === undefined ? {} : { dataschema }),
    ...(extensions.length === 0 ? {} : { extensions: Object.fromEntries(extensions) }),
  };
}
