import { createHmac } from 'node:crypto';
import { ArgosyError, ok, type Result } from '@argosy/base';
import type { DriverContext, EventToEmit } from '../driver.ts';
import { dataText } from '../http/event-data.ts';
import { boundedText } from '../http/provider-client.ts';
import { secretOf } from '../http/secret-value.ts';
import { messageBody } from '../message-body.ts';
import type { PulledQueue } from '../pulling.ts';
import { stableId } from '../stable-id.ts';
import type { MnsSettings } from './settings.ts';

/** Most that the service gives in one call. */
const BATCH_LENGTH = 16;
/** Longest wait that the service allows. */
const WAIT_SECONDS = 30;
const ANSWER_TIMEOUT_MS = 15_000;
/** The service's default; a queue may hide its messages for longer. */
const HELD_MS = 30_000;
const ANSWER_BYTES_MAX = 4 * 1_048_576;
const VERSION = '2015-06-06';
const XML = 'text/xml;charset=UTF-8';

export interface MnsMessage {
  readonly id: string;
  readonly receipt: string;
  readonly body: string;
}

/** A queue of Alibaba Cloud's message service, by its HTTP interface. */
export function createMnsQueue(
  settings: MnsSettings,
  context: DriverContext,
): PulledQueue<MnsMessage> {
  const resource = `/queues/${settings.queue}/messages`;
  return {
    heldMs: HELD_MS,
    unreadable: 'Removed',
    eventOf: (message) => mnsEvent(message, settings, context),
    async receive(signal) {
      const query = `?numOfMessages=${BATCH_LENGTH}&waitseconds=${WAIT_SECONDS}`;
      const timeout = AbortSignal.timeout(WAIT_SECONDS * 1_000 + ANSWER_TIMEOUT_MS);
      const request = { method: 'GET', resource: `${resource}${query}`, body: '' };
      const answer = await call(request, { settings, context }, AbortSignal.any([signal, timeout]));
      if (answer.code === 'MessageNotExist') return [];
      if (answer.code !== undefined) throw refusal(settings, answer.text);
      return messagesOf(answer.text);
    },
    async remove(messages) {
      const handles = messages.map(
        ({ receipt }) => `<ReceiptHandle>${escaped(receipt)}</ReceiptHandle>`,
      );
      const body = `<ReceiptHandles xmlns="http://mns.aliyuncs.com/doc/v1/">${handles.join('')}</ReceiptHandles>`;
      const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
      const request = { method: 'DELETE', resource, body };
      const answer = await call(request, { settings, context }, signal);
      if (answer.code !== undefined) throw refusal(settings, answer.text);
    },
    close: () => Promise.resolve(),
  };
}

/** `messageId` and `body`; the body is text, or JSON with `jsonBody`. */
function mnsEvent(
  message: MnsMessage,
  settings: MnsSettings,
  context: DriverContext,
): Result<EventToEmit, string> {
  const { isJson, queue } = settings;
  const body = isJson
    ? messageBody(new TextEncoder().encode(message.body), true)
    : ok(JSON.stringify(message.body));
  if (!body.ok) return body;
  const data = dataText({ messageId: JSON.stringify(message.id), body: body.value }, undefined);
  return ok({ data: new TextEncoder().encode(data), id: stableId(context, queue, message.id) });
}

interface MnsRequest {
  readonly method: string;
  /** Path and query, as they are signed. */
  readonly resource: string;
  readonly body: string;
}

/** @returns the answer's text, and the service's code when it is a refusal. */
async function call(
  request: MnsRequest,
  scope: { readonly settings: MnsSettings; readonly context: DriverContext },
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly code: string | undefined }> {
  const { settings, context } = scope;
  const { access, secret, endpoint } = settings;
  if (access === undefined || secret === undefined) throw refusal(settings, 'the keys are missing');
  const headers = signedMnsHeaders(request, {
    accessKey: secretOf(access, context),
    secretKey: secretOf(secret, context),
    date: new Date().toUTCString(),
  });
  try {
    const response = await fetch(`${endpoint}${request.resource}`, {
      method: request.method,
      headers,
      signal,
      redirect: 'error',
      ...(request.body === '' ? {} : { body: request.body }),
    });
    const text = await boundedText(response, ANSWER_BYTES_MAX);
    const code = response.ok ? undefined : (elementOf(text, 'Code') ?? String(response.status));
    return { text, code };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw refusal(settings, cause instanceof Error ? cause.message : String(cause));
  }
}

/** The headers that sign a request, with an HMAC-SHA1 of its method, type, date and resource. */
export function signedMnsHeaders(
  request: MnsRequest,
  by: { readonly accessKey: string; readonly secretKey: string; readonly date: string },
): Readonly<Record<string, string>> {
  const { method, resource } = request;
  const text = [method, '', XML, by.date, `x-mns-version:${VERSION}`, resource].join('\n');
  const signature = createHmac('sha1', by.secretKey).update(text).digest('base64');
  return {
    'content-type': XML,
    date: by.date,
    'x-mns-version': VERSION,
    authorization: `MNS ${by.accessKey}:${signature}`,
  };
}

function refusal(settings: MnsSettings, said: string): ArgosyError {
  const reason = elementOf(said, 'Message') ?? said.slice(0, 300);
  return new ArgosyError(
    'UNAVAILABLE',
    `the queue ${settings.queue} of MNS: ${reason}; check queue, endpoint and keys`,
  );
}

function messagesOf(xml: string): readonly MnsMessage[] {
  return Array.from(xml.matchAll(/<Message>([\s\S]*?)<\/Message>/g), ([, inner = '']) => ({
    id: elementOf(inner, 'MessageId') ?? '',
    receipt: elementOf(inner, 'ReceiptHandle') ?? '',
    body: elementOf(inner, 'MessageBody') ?? '',
  })).filter(({ receipt }) => receipt !== '');
}

function elementOf(xml: string, name: string): string | undefined {
  const inner = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(xml)?.[1];
  return inner === undefined ? undefined : unescaped(inner);
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

function unescaped(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (typeof hex === 'string') return String.fromCodePoint(Number.parseInt(hex, 16));
    if (typeof decimal === 'string') return String.fromCodePoint(Number(decimal));
    return ENTITIES[String(name)] ?? whole;
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
