import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ArgosyError } from '@argosy/base';
import { HTTP_BODY_BYTES_MAX } from '../limits.ts';

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  readonly verifyTls: boolean;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
  /** Whether the body was longer than what is kept. */
  readonly cut: boolean;
}

const REDIRECTS_MAX = 10;
const KEEPS_METHOD: readonly number[] = [307, 308];
const REDIRECT: readonly number[] = [301, 302, 303, ...KEEPS_METHOD];

/**
 * One HTTP exchange, following redirects as Go's client does.
 * @throws ArgosyError UNAVAILABLE, INVALID_ARGUMENT for a URL that is none, CANCELLED.
 */
export async function exchange(first: HttpRequest): Promise<HttpResponse> {
  let current = first;
  for (let hop = 0; hop <= REDIRECTS_MAX; hop += 1) {
    const response = await once(current);
    const location = response.headers.location;
    const status = response.statusCode ?? 0;
    if (!REDIRECT.includes(status) || location === undefined) return readResponse(response);
    response.resume();
    current = redirected(current, status, location);
  }
  throw new ArgosyError('UNAVAILABLE', `${first.url}: more than ${REDIRECTS_MAX} redirects`);
}

function redirected(request: HttpRequest, status: number, location: string): HttpRequest {
  const from = new URL(request.url);
  const to = new URL(location, from);
  const headers = to.host === from.host ? request.headers : withoutCredentials(request.headers);
  const keeps = KEEPS_METHOD.includes(status) || ['GET', 'HEAD'].includes(request.method);
  const base = { ...request, url: to.href, headers };
  return keeps ? base : { ...base, method: 'GET', body: undefined };
}

function withoutCredentials(headers: HttpRequest['headers']): HttpRequest['headers'] {
  const own = ['authorization', 'cookie'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.includes(name)));
}

function once(request: HttpRequest): Promise<IncomingMessage> {
  const url = URL.parse(request.url);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ArgosyError('INVALID_ARGUMENT', `"${request.url}" is no http or https URL`);
  }
  const options = {
    method: request.method,
    headers: { ...request.headers },
    signal: request.signal,
  };
  return new Promise((resolve, reject) => {
    const outgoing =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, rejectUnauthorized: request.verifyTls }, resolve)
        : httpRequest(url, options, resolve);
    outgoing.once('error', (error) => reject(requestError(request, error)));
    outgoing.end(request.body);
  });
}

function requestError(request: HttpRequest, error: Error): ArgosyError {
  const code = error.name === 'AbortError' ? 'CANCELLED' : 'UNAVAILABLE';
  const { message } = error instanceof AggregateError ? (error.errors[0] as Error) : error;
  return new ArgosyError(code, `${request.method} ${request.url}: ${message}`, { cause: error });
}

async function readResponse(response: IncomingMessage): Promise<HttpResponse> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size - chunk.length < HTTP_BODY_BYTES_MAX) chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).subarray(0, HTTP_BODY_BYTES_MAX);
  const headers = Object.entries(response.headersDistinct).map(([name, values]) => [
    canonicalName(name),
    values ?? [],
  ]);
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(headers) as HttpResponse['headers'],
    body: new TextDecoder().decode(body),
    cut: size > HTTP_BODY_BYTES_MAX,
  };
}

/** `content-type` as `Content-Type`: expressions are written for Go's header maps. */
export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
