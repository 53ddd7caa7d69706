import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { ArgosyError } from '@argosy/base';
import type { Logger } from '@argosy/telemetry';
import { readBody, type BodyBudget } from './body.ts';
import {
  PAYLOAD_TOO_LARGE,
  refusalByHead,
  splitTarget,
  type HttpAnswer,
  type HttpEndpoint,
} from './endpoint.ts';
import type { HttpLimits } from './limits.ts';
import type { RefusalLog } from './refusals.ts';

export interface PortServerOptions {
  readonly host: string;
  readonly port: number;
  readonly limits: HttpLimits;
  readonly budget: BodyBudget;
  /** The endpoint of a path, looked up per request. */
  readonly endpointOf: (path: string) => HttpEndpoint | undefined;
  readonly logger: Logger;
  readonly refusals: RefusalLog;
}

/** The listener of one port; all endpoints on that port share it. */
export interface PortServer {
  /** Accepts nothing new and resolves when the requests in hand are answered. */
  close(): Promise<void>;
}

const HEALTH_PATH = '/health';

/** @throws ArgosyError FAILED_PRECONDITION when the port cannot be listened on. */
export async function openPortServer(options: PortServerOptions): Promise<PortServer> {
  const { limits, host, port } = options;
  const server = createServer(
    {
      requestTimeout: limits.requestTimeoutMs,
      headersTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckMs,
      maxHeaderSize: limits.headBytesMax,
    },
    (request, response) => void serve(options, request, response),
  );
  server.maxConnections = limits.connectionsMax;
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === 'EADDRINUSE' ? 'another program listens on it' : String(code);
    throw new ArgosyError(
      'FAILED_PRECONDITION',
      `cannot listen on ${host}:${port}: ${reason}; free the port or set another one`,
      { cause: error },
    );
  }
  server.on('clientError', (error, socket) => answerBroken(options, error, socket));
  server.on('error', (error) => options.logger.error({ port, error }, 'listener failed'));
  return { close: () => closeServer(server) };
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
}

async function serve(
  options: PortServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const answer = await answerOf(options, request);
    if (answer !== undefined) send(request, response, answer);
    if (answer !== undefined && answer.status >= 400) noteRefusal(options, request, answer);
  } catch (error) {
    options.logger.error({ error, port: options.port }, 'a request could not be handled');
    send(request, response, { status: 500, body: 'internal error' });
  }
}

function noteRefusal(
  options: PortServerOptions,
  request: IncomingMessage,
  answer: HttpAnswer,
): void {
  if (answer.isLogged === true) return;
  const path = splitTarget(request.url ?? '')?.path ?? '';
  const owner = options.endpointOf(path)?.owner;
  const { status, body: reason } = answer;
  options.refusals.note({ port: options.port, path, ...owner, status, reason });
}

/** Answers of Node's parser to what is no HTTP, in the status codes that it uses itself. */
const BROKEN_STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** A request that is malformed or too slow: it is answered and its connection closed. */
function answerBroken(
  options: PortServerOptions,
  error: NodeJS.ErrnoException,
  socket: Duplex,
): void {
  const line = BROKEN_STATUS[error.code ?? ''] ?? '400 Bad Request';
  // A sender that went away is no refusal.
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  socket.end(`HTTP/1.1 ${line}\r\nconnection: close\r\n\r\n`, () => socket.destroy());
  const status = Number.parseInt(line, 10);
  options.refusals.note({ port: options.port, status, reason: `${error.message} (${line})` });
}

/** The answer, or undefined when the sender is gone. */
async function answerOf(
  options: PortServerOptions,
  request: IncomingMessage,
): Promise<HttpAnswer | undefined> {
  const { limits, budget } = options;
  const method = request.method ?? '';
  const target = splitTarget(request.url ?? '');
  if (target === undefined) return { status: 400, body: 'the request target is malformed' };
  if (target.path === HEALTH_PATH) return { status: 200, body: 'OK' };
  const endpoint = options.endpointOf(target.path);
  if (endpoint === undefined) return { status: 404, body: '404 page not found' };
  const headers = headerPairs(request.rawHeaders);
  const refusal = refusalByHead(endpoint, { method, headers });
  if (refusal !== undefined) return refusal;
  const outcome = await readBody(request, { bytesMax: endpoint.payloadBytesMax, limits, budget });
  switch (outcome.kind) {
    case 'Complete':
      return endpoint.handle({ method, ...target, headers, body: outcome.body });
    case 'TooLarge':
      return PAYLOAD_TOO_LARGE;
    case 'Busy':
      return { status: 503, body: 'too many requests are being received; try again later' };
    case 'Aborted':
      return undefined;
  }
}

function send(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
  if (response.headersSent || response.destroyed) return;
  // A body that was not read to its end would be taken for the next request.
  if (!request.complete) response.setHeader('connection', 'close');
  response.writeHead(answer.status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(answer.body),
    'x-content-type-options': 'nosniff',
  });
  response.end(answer.body);
}

function headerPairs(raw: readonly string[]): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    pairs.push([raw[index] ?? '', raw[index + 1] ?? '']);
  }
  return pairs;
}
