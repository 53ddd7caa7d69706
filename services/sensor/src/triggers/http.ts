import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { once } from 'node:events';
import { httpProblems, httpRequestOf, type HttpTriggerRequest } from './http-settings.ts';
import { judgedByStatus } from './status-policy.ts';
import type { TriggerCall, TriggerKind } from './trigger.ts';

/** Redirects that are followed one after another. */
const REDIRECTS_MAX = 10;
/** Headers that follow a redirect to another host. */
const TRAVELLING = new Set(['accept', 'content-type', 'idempotency-key', 'traceparent']);
/** What is read of an answer; it is thrown away, but lets the connection end well. */
const ANSWER_BYTES_MAX = 1_048_576;

/**
 * Calls an HTTP address. Any answer is a success unless `policy.status.allow` lists the good ones. The
 * firing's id goes along as `Idempotency-Key`, so that a receiver can tell a repetition.
 */
export const httpTrigger: TriggerKind = {
  kind: 'http',
  problems: httpProblems,
  async run(call, environment) {
    const request = httpRequestOf(call, environment.values);
    if (!request.ok) return { kind: 'Refused', reason: request.error };
    const timeout = AbortSignal.timeout(request.value.timeoutMs);
    try {
      const signal = AbortSignal.any([timeout, call.signal]);
      const status = await statusOf(withCallHeaders(request.value, call), signal, 0);
      return judgedByStatus(status, call.policy);
    } catch (error) {
      if (call.signal.aborted) return { kind: 'BusAway', reason: 'the sensor is stopping' };
      const reason = timeout.aborted
        ? `no answer from ${request.value.url.host} within ${request.value.timeoutMs} ms`
        : messageOf(error);
      return { kind: 'Failed', reason };
    }
  },
};

/** Ours come first, so that the user's own headers win. */
function withCallHeaders(request: HttpTriggerRequest, call: TriggerCall): HttpTriggerRequest {
  const ours: [string, string][] = [
    ['Idempotency-Key', call.firingId],
    ['traceparent', call.traceparent],
  ];
  const given = new Set(Array.from(request.headers.keys(), (name) => name.toLowerCase()));
  const added = ours.filter(([name]) => !given.has(name.toLowerCase()));
  return { ...request, headers: new Map([...added, ...request.headers]) };
}

/** Sends and follows redirects; the status of the last answer. */
async function statusOf(
  request: HttpTriggerRequest,
  signal: AbortSignal,
  redirects: number,
): Promise<number> {
  const answer = await send(request, signal);
  await drained(answer);
  const status = answer.statusCode ?? 0;
  const next = redirects < REDIRECTS_MAX ? redirectOf(request, status, answer) : undefined;
  return next === undefined ? status : statusOf(next, signal, redirects + 1);
}

async function send(request: HttpTriggerRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { url, tls } = request;
  const headers: Record<string, string | number> = Object.fromEntries(request.headers);
  if (request.body !== undefined) headers['Content-Length'] = Buffer.byteLength(request.body);
  const options = { method: request.method, headers, signal };
  const outgoing =
    url.protocol === 'https:'
      ? requestHttps(url, { ...options, ...definedOf(tls ?? {}) })
      : requestHttp(url, options);
  outgoing.end(request.body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return answer;
}

function definedOf(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

async function drained(answer: IncomingMessage): Promise<void> {
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += (chunk as Buffer).byteLength;
    if (bytes > ANSWER_BYTES_MAX) return;
  }
}

/** 307 and 308 repeat the request; the others turn it into a GET, except that HEAD stays. */
function redirectOf(
  request: HttpTriggerRequest,
  status: number,
  answer: IncomingMessage,
): HttpTriggerRequest | undefined {
  const location = answer.headers.location;
  if (location === undefined || !URL.canParse(location, request.url.href)) return undefined;
  const url = new URL(location, request.url);
  const isElsewhere = url.host !== request.url.host;
  // What the user wrote, secrets included, is for the address that the user named.
  const headers = isElsewhere
    ? new Map(Array.from(request.headers).filter(([name]) => TRAVELLING.has(name.toLowerCase())))
    : request.headers;
  if (status === 307 || status === 308) return { ...request, url, headers };
  if (![301, 302, 303].includes(status)) return undefined;
  const method = request.method === 'HEAD' ? 'HEAD' : 'GET';
  return { ...request, url, headers, method, body: undefined };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(messageOf).join('; ');
  }
  return error.message;
}
