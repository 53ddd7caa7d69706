import { ArgosyError } from '@argosy/base';
import { HTTP, type CloudEventV1 as SdkEvent } from 'cloudevents';
import { bytesOf, textOfBytes } from '../text.ts';
import type { PartialEvent } from './publish.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Most events of one batch. */
export const BATCH_EVENTS_MAX = 1_000;

const STRUCTURED = 'application/cloudevents+json';
const BATCHED = 'application/cloudevents-batch+json';
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

/**
 * The events of an HTTP request in CloudEvents' structured, batched or binary mode
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md).
 * In binary mode the body stays as it came.
 * @throws ArgosyError INVALID_ARGUMENT
 */
export function eventsOfRequest(headers: Headers, body: Uint8Array): readonly PartialEvent[] {
  const contentType = String(headers['content-type'] ?? '').toLowerCase();
  if (contentType.startsWith(BATCHED) || contentType.startsWith(STRUCTURED)) {
    const text = textOfBytes(body);
    checkRequired(text);
    return decoded(headers, text).map(withOwnData);
  }
  if (headers['ce-specversion'] === undefined) {
    const message =
      'The request is no CloudEvent: send the attributes as ce- headers, or the content type ' +
      `${STRUCTURED} or ${BATCHED}.`;
    throw new ArgosyError('INVALID_ARGUMENT', message);
  }
  for (const name of REQUIRED_ATTRIBUTES) {
    if ((headers[`ce-${name}`] ?? '') === '') throw missing(name);
  }
  // The body of a binary event is no business of the decoder, which would parse it.
  const attributes = { ...headers, 'content-type': 'text/plain' };
  const type = headers['content-type'];
  return decoded(attributes, '-').map((event) => ({
    ...attributesOf(event),
    ...(typeof type === 'string' ? { datacontenttype: type } : {}),
    data: body,
  }));
}

/** The decoder makes up what is missing, which would defeat de-duplication. */
function checkRequired(text: string): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const reason = ArgosyError.fromUnknown(error).message;
    throw new ArgosyError('INVALID_ARGUMENT', `The body is not JSON: ${reason}.`);
  }
  for (const event of Array.isArray(parsed) ? (parsed as unknown[]) : [parsed]) {
    const fields = (typeof event === 'object' ? event : {}) as Record<string, unknown> | null;
    for (const name of REQUIRED_ATTRIBUTES) {
      const value = fields?.[name];
      if (typeof value !== 'string' || value === '') throw missing(name);
    }
  }
}

function missing(name: string): ArgosyError {
  return new ArgosyError('INVALID_ARGUMENT', `The event lacks the attribute ${name}.`);
}

function decoded(headers: Headers, body: string): readonly SdkEvent<unknown>[] {
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

function withOwnData(event: SdkEvent<unknown>): PartialEvent {
  const attributes = attributesOf(event);
  if (event.data_base64 !== undefined) {
    return { ...attributes, data: Buffer.from(event.data_base64, 'base64') };
  }
  const { data, datacontenttype } = event;
  if (data === undefined) return { ...attributes, data: new Uint8Array() };
  const isText =
    typeof data === 'string' && !/[/+]json\b/.test(datacontenttype ?? 'application/json');
  return { ...attributes, data: bytesOf(isText ? data : JSON.stringify(data)) };
}

function attributesOf(event: SdkEvent<unknown>): Omit<PartialEvent, 'data'> {
  const { id, source, type, subject, time, datacontenttype, dataschema } = event;
  const extensions = Object.entries(JSON.parse(JSON.stringify(event)) as object)
    .filter(([name]) => !OWN_ATTRIBUTES.includes(name))
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([name, value]) => [name, String(value)] as const);
  return {
    id,
    source,
    type,
    ...(subject === undefined ? {} : { subject }),
    ...(time === undefined ? {} : { time }),
    ...(datacontenttype === undefined ? {} : { datacontenttype }),
    ...(dataschema === undefined ? {} : { dataschema }),
    ...(extensions.length === 0 ? {} : { extensions: Object.fromEntries(extensions) }),
  };
}
