import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { ArgosyError } from '@argosy/base';
import { HTTP_BODY_BYTES_MAX } from '../limits.ts';

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  readonly verifyTls: boolean;
  /** The certificate shown to the server, as PEM. */
  readonly client?: { readonly cert: string; readonly key: string } | undefined;
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

/** One HTTP exchange as `openExchange` makes it, with the whole body as text. */
export async function exchange(request: HttpRequest): Promise<HttpResponse> {
  return readResponse(await openExchange(request));
}

/**
 * Sends a request, following redirects as Go's client does and going through the proxies that HTTP_PROXY,
 * HTTPS_PROXY and NO_PROXY name. The body of the answer is still to be read.
 * @throws ArgosyError UNAVAILABLE, INVALID_ARGUMENT for a URL that is none, CANCELLED.
 */
export async function openExchange(first: HttpRequest): Promise<IncomingMessage> {
  let current = first;
  for (let hop = 0; hop <= REDIRECTS_MAX; hop += 1) {
    const response = await once(current);
    const location = response.headers.location;
    const status = response.statusCode ?? 0;
    if (!REDIRECT.includes(status) || location === undefined) return response;
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
  agents ??= createAgents(process.env);
  const { http, https } = agents;
  const tls = { rejectUnauthorized: request.verifyTls, ...request.client };
  return new Promise((resolve, reject) => {
    const outgoing =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, ...tls, agent: https }, resolve)
        : httpRequest(url, { ...options, agent: http }, resolve);
    outgoing.once('error', (error) => reject(requestError(request, error)));
    outgoing.end(request.body);
  });
}

interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/** The connections of this process, kept for later requests; made with the first one. */
let agents: Agents | undefined;

function createAgents(proxyEnv: NodeJS.ProcessEnv): Agents {
  const options = { keepAlive: true, proxyEnv };
  return { http: new HttpAgent(options), https: new HttpsAgent(options) };
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
