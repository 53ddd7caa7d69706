import { once } from 'node:events';
import type { Result } from '@argosy/base';
import type { ClientOptions, RawData, WebSocket } from 'ws';
import { createClientDriver } from '../client-driver.ts';
import type { Driver, DriverContext, RunningDriver } from '../driver.ts';
import { dataText } from '../http/event-data.ts';
import { keepConnected, type OriginConnection } from '../lasting-connection.ts';
import { messageBody } from '../message-body.ts';
import { refuseMessage, storePatiently } from '../patient-store.ts';
import { tlsOptionsOf } from '../tls-settings.ts';
import { createTrouble, type Trouble } from '../trouble.ts';
import { headersToSend, textBody } from '../web-client-settings.ts';
import { parseWebSocketSettings, type WebSocketSettings } from './settings.ts';

/** How long it may take to connect, milliseconds. */
const CONNECT_MS_MAX = 10_000;
/** Largest message; the bus takes no larger ones. A larger one ends the connection. */
const MESSAGE_BYTES_MAX = 7 * 1_048_576;
/** How long messages that are in hand may wait for the bus when the driver stops, milliseconds. */
const FINISH_MS_MAX = 5_000;

interface Source {
  readonly settings: WebSocketSettings;
  readonly context: DriverContext;
  readonly trouble: Trouble;
}

/** What a server sends by WebSocket. */
export function createWebSocketDriver(): Driver {
  return createClientDriver({
    kind: 'websocket',
    runsOn: 'OneReplica',
    parse: parseWebSocketSettings,
    start(settings, context): Promise<RunningDriver> {
      const source: Source = { settings, context, trouble: createTrouble(context) };
      return keepConnected({
        name: `the WebSocket ${hostOf(settings.url)}`,
        trouble: source.trouble,
        open: (signal) => openSocket(source, signal),
      });
    },
  });
}

/** Without the path and the query, where credentials may be. */
function hostOf(url: string): string {
  return new URL(url).host;
}

async function openSocket(source: Source, stopping: AbortSignal): Promise<OriginConnection> {
  const { settings, context } = source;
  const { WebSocket: Socket } = await import('ws');
  const options: ClientOptions = {
    headers: headersToSend(settings, context),
    handshakeTimeout: CONNECT_MS_MAX,
    maxPayload: MESSAGE_BYTES_MAX,
    ...(settings.tls === undefined ? {} : tlsOptionsOf(settings.tls, context)),
  };
  const socket = new Socket(settings.url, [...settings.subprotocols], options);
  const storing = storeInOrder(socket, source, stopping);
  await once(socket, 'open', { signal: stopping }).catch((error: unknown) => {
    socket.on('error', () => undefined);
    socket.terminate();
    throw error;
  });
  for (const message of settings.messages) socket.send(message);
  const lost = untilLost(socket, settings.pingIntervalMs);
  return {
    lost,
    async close() {
      socket.close();
      // A server that does not answer is not waited for.
      socket.terminate();
      await lost;
      await storing();
    },
  };
}

/**
 * Stores message after message. Nothing more is read while one is being stored, so that the server is held up
 * while the bus is away.
 * @returns resolves when what has come is stored, or cannot be within the time of a stop.
 */
function storeInOrder(
  socket: WebSocket,
  source: Source,
  stopping: AbortSignal,
): () => Promise<void> {
  const { context, trouble, settings } = source;
  const giveUp = new AbortController();
  stopping.addEventListener('abort', () => {
    setTimeout(() => giveUp.abort(), FINISH_MS_MAX).unref();
  });
  let waiting = 0;
  let last = Promise.resolve();
  const store = async (text: Result<string, string>): Promise<void> => {
    if (text.ok) {
      const data = new TextEncoder().encode(text.value);
      const outcome = await storePatiently({ data }, { context, trouble, signal: giveUp.signal });
      if (outcome.kind === 'Stopped') refuseMessage(context, 'it was not stored before the stop');
    } else refuseMessage(context, text.error);
    waiting -= 1;
    if (waiting === 0) socket.resume();
  };
  socket.on('message', (message, isBinary) => {
    waiting += 1;
    socket.pause();
    const text = webSocketEventData(bytesOf(message), isBinary, settings);
    last = last.then(() => store(text));
  });
  return () => last;
}

function bytesOf(message: RawData): Uint8Array {
  if (Array.isArray(message)) return Buffer.concat(message);
  return message instanceof ArrayBuffer ? new Uint8Array(message) : message;
}

/** The data of an event as JSON text: texts as they are, bytes in base64, JSON with `jsonBody`. */
export function webSocketEventData(
  message: Uint8Array,
  isBinary: boolean,
  { jsonBody, metadata }: Pick<WebSocketSettings, 'jsonBody' | 'metadata'>,
): Result<string, string> {
  const body =
    isBinary || jsonBody
      ? messageBody(message, jsonBody)
      : textBody(new TextDecoder().decode(message), false);
  return body.ok ? { ...body, value: dataText({ body: body.value }, metadata) } : body;
}

/** Resolves with why the connection ended; one over which nothing comes, not even an answer to a ping, is ended. */
function untilLost(socket: WebSocket, pingIntervalMs: number): Promise<string> {
  return new Promise((resolve) => {
    let isAlive = true;
    let reason: string | undefined;
    const alive = (): void => {
      isAlive = true;
    };
    const timer = setInterval(() => {
      if (!isAlive && !socket.isPaused) {
        reason = `no answer to a ping for ${pingIntervalMs} ms`;
        socket.terminate();
        return;
      }
      isAlive = socket.isPaused;
      socket.ping();
    }, pingIntervalMs);
    socket.on('pong', alive).on('ping', alive).on('message', alive);
    socket.on('error', (error) => {
      reason ??= error.message;
    });
    socket.on('close', (code, text) => {
      clearInterval(timer);
      const said = text.length === 0 ? '' : ` ${text.toString()}`;
      resolve(reason ?? `the server closed it (${code}${said})`);
    });
  });
}
