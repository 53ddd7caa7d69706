import { cloudEventProblem } from '@argosy/api';
import type { CloudEvent } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { isPublishSubject } from './subject-match.ts';
import type { BusMessage } from './types.ts';

/**
 * CloudEvents in binary mode as the NATS protocol binding lays down: each attribute a header
 * `ce-<name>`, `datacontenttype` the header `content-type`, data the payload.
 * https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/nats-protocol-binding.md
 */
export type Headers = ReadonlyMap<string, string>;

const SPEC_VERSION = '1.0';
const CONTENT_TYPE = 'content-type';
const TRACEPARENT = 'traceparent';
/**
 * JetStream takes the reply field of a stored message for itself, so a header says where to
 * answer.
 */
const REPLY_TO = 'argosy-reply-to';
const OPTIONAL_ATTRIBUTES = ['subject', 'time', 'dataschema'] as const;
const KNOWN = new Set(['id', 'source', 'type', 'specversion', ...OPTIONAL_ATTRIBUTES]);

/**
 * The headers of a message. @throws ArgosyError INVALID_ARGUMENT when subject or event are not
 * well-formed.
 */
export function encodeMessage(message: BusMessage): Map<string, string> {
  const { event } = message;
  if (!isPublishSubject(message.subject)) {
    throw new ArgosyError('INVALID_ARGUMENT', `"${message.subject}" is no subject to publish to`);
  }
  const problem = cloudEventProblem(event);
  if (problem !== undefined) throw new ArgosyError('INVALID_ARGUMENT', problem);
  const headers = new Map([
    ['ce-specversion', SPEC_VERSION],
    ['ce-id', encodeHeaderValue(event.id)],
    ['ce-source', encodeHeaderValue(event.source)],
    ['ce-type', encodeHeaderValue(event.type)],
  ]);
  for (const name of OPTIONAL_ATTRIBUTES) {
    const value = event[name];
    if (value !== undefined) headers.set(`ce-${name}`, encodeHeaderValue(value));
  }
  for (const [name, value] of Object.entries(event.extensions ?? {})) {
    if (KNOWN.has(name)) {
      const why = `the extension attribute "${name}" has the name of an attribute of CloudEvents`;
      throw new ArgosyError('INVALID_ARGUMENT', why);
    }
    headers.set(`ce-${name}`, encodeHeaderValue(value));
  }
  if (event.datacontenttype !== undefined) {
    headers.set(CONTENT_TYPE, encodeHeaderValue(event.datacontenttype));
  }
  if (message.traceparent !== undefined) {
    headers.set(TRACEPARENT, encodeHeaderValue(message.traceparent));
  }
  if (message.replyTo !== undefined) headers.set(REPLY_TO, encodeHeaderValue(message.replyTo));
  return headers;
}

/**
 * The message that the headers and the payload stand for. Never fails: what a stranger stored
 * without attributes comes out with empty ones, and the receiver's own checks refuse it.
 */
export function decodeMessage(subject: string, headers: Headers, data: Uint8Array): BusMessage {
  const extensions: Record<string, string> = {};
  const attributes = new Map<string, string>();
  for (const [key, value] of headers) {
    const name = key.toLowerCase();
    if (!name.startsWith('ce-')) continue;
    const attribute = name.slice('ce-'.length);
    if (KNOWN.has(attribute)) attributes.set(attribute, decodeHeaderValue(value));
    else extensions[attribute] = decodeHeaderValue(value);
  }
  const contentType = headers.get(CONTENT_TYPE) ?? headers.get('Content-Type');
  const event: CloudEvent = {
    id: attributes.get('id') ?? '',
    source: attributes.get('source') ?? '',
    type: attributes.get('type') ?? '',
    ...field('subject', attributes.get('subject')),
    ...field('time', attributes.get('time')),
    ...field('dataschema', attributes.get('dataschema')),
    ...field('datacontenttype', decoded(contentType)),
    ...(Object.keys(extensions).length === 0 ? {} : { extensions }),
    data,
  };
  return {
    subject,
    event,
    ...field('traceparent', decoded(headers.get(TRACEPARENT))),
    ...field('replyTo', decoded(headers.get(REPLY_TO))),
  };
}

function decoded(value: string | undefined): string | undefined {
  return value === undefined ? undefined : decodeHeaderValue(value);
}

/** A field that is left out when there is no value. */
function field<Name extends string>(
  name: Name,
  value: string | undefined,
): Readonly<Partial<Record<Name, string>>> {
  return (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, string>>;
}

/**
 * The key under which a stream knows an event again: source and id, which CloudEvents says are
 * unique together.
 */
export function messageIdOf(event: CloudEvent): string {
  return `${event.source}|${event.id}`;
}

const PRINTABLE = /^[\x21\x23\x24\x26-\x7e]*$/;
const NEEDS_ENCODING = /[^\x21\x23\x24\x26-\x7e]/gu;

/** Percent-encodes what is not printable ASCII, and space, `"` and `%`. */
export function encodeHeaderValue(value: string): string {
  if (PRINTABLE.test(value)) return value;
  return value.replace(NEEDS_ENCODING, (character) => {
    let encoded = '';
    for (const byte of Buffer.from(character, 'utf8')) {
      encoded += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    }
    return encoded;
  });
}

/** Undoes `encodeHeaderValue`; a stray `%` stays what it is, invalid UTF-8 becomes U+FFFD. */
export function decodeHeaderValue(value: string): string {
  if (!value.includes('%')) return value;
  return value.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}
