import { once } from 'node:events';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ArgosyError } from '@argosy/base';
import type { Command } from './commands.ts';
import { errorText } from './error-text.ts';
import { createFrameReader, encodeFrame, type Entry, type Frame } from './frame.ts';
import type { BrokerAddress } from './service-url.ts';

/** How brokers are talked to. */
export interface PulsarAccess {
  /** A token such as a JSON Web Token. */
  readonly token?: string | undefined;
  readonly tls?: PulsarTls | undefined;
}

export interface PulsarTls {
  /** Authorities that are trusted instead of the system's, PEM. */
  readonly authorities?: string | undefined;
  /** Takes certificates of whoever signed them. */
  readonly allowsUntrusted?: boolean | undefined;
  /** Takes certificates for other hosts. */
  readonly allowsOtherHosts?: boolean | undefined;
}

/** What a consumer or producer is told of. */
export interface Listener {
  command(command: Command, rest: Buffer): void;
  lost(reason: string): void;
}

/** A connection to one broker, shared by consumers and producers. */
export interface Connection {
  readonly isLost: () => boolean;
  /** A number that nothing else on this connection has. */
  nextId(): number;
  send(command: Command, entry?: Entry): void;
  /**
   * Sends a command that is answered under its request's number.
   * @throws ArgosyError UNAVAILABLE when the broker refuses, does not answer in 15 s or is lost
   */
  request(make: (requestId: number) => Command): Promise<Command>;
  /** Tells of the commands for a consumer or producer. @returns a function that ends it */
  listen(side: 'Consumer' | 'Producer', id: number, listener: Listener): () => void;
  close(): void;
}

export interface OpenOptions {
  readonly address: BrokerAddress;
  readonly access: PulsarAccess;
  /** `host:port` of the broker that a proxy is to connect to. */
  readonly brokerBehind?: string | undefined;
}

/** Of the protocol, as of Pulsar 2.2: what came later is not spoken here. */
const PROTOCOL_VERSION = 12;
const CLIENT_VERSION = 'argosy';
const CONNECT_MS_MAX = 10_000;
const ANSWER_MS_MAX = 15_000;
const PING_EVERY_MS = 20_000;

/** @throws ArgosyError UNAVAILABLE */
export async function openConnection(options: OpenOptions): Promise<Connection> {
  const socket = await openSocket(options);
  const connection = converse(socket);
  const greeted = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => lost('it does not answer'), CONNECT_MS_MAX);
    const end = connection.listenFirst({
      command(command) {
        clearTimeout(timer);
        end();
        if (command.kind === 'connected') resolve();
        else if (command.kind === 'error')
          lost(errorText(command.fields.error, command.fields.message));
        else lost('it speaks another protocol');
      },
      lost,
    });
    function lost(reason: string): void {
      clearTimeout(timer);
      reject(unavailable(reason));
    }
  });
  connection.send({ kind: 'connect', fields: greetingOf(options) });
  try {
    await greeted;
  } catch (error) {
    connection.close();
    throw error;
  }
  return connection;
}

function greetingOf({
  access,
  brokerBehind,
}: OpenOptions): Extract<Command, { kind: 'connect' }>['fields'] {
  const { token } = access;
  return {
    clientVersion: CLIENT_VERSION,
    protocolVersion: PROTOCOL_VERSION,
    proxyToBrokerUrl: brokerBehind,
    authMethodName: token === undefined ? undefined : 'token',
    authData: token === undefined ? undefined : new TextEncoder().encode(token),
  };
}

async function openSocket({ address, access }: OpenOptions): Promise<Socket> {
  const { host, port, isSecure } = address;
  const { authorities, allowsOtherHosts, allowsUntrusted } = access.tls ?? {};
  const socket = isSecure
    ? connectTls({
        host,
        port,
        rejectUnauthorized: allowsUntrusted !== true,
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(authorities === undefined ? {} : { ca: authorities }),
        ...(allowsOtherHosts === true ? { checkServerIdentity: () => undefined } : {}),
      })
    : connectPlain({ host, port });
  socket.setNoDelay(true);
  try {
    const signal = AbortSignal.timeout(CONNECT_MS_MAX);
    await once(socket, isSecure ? 'secureConnect' : 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    const isLate = error instanceof Error && error.name === 'AbortError';
    const reason = isLate ? 'it does not answer' : ArgosyError.fromUnknown(error).message;
    throw unavailable(`${host}:${port}: ${reason}`);
  }
}

type Conversation = Connection & { listenFirst(listener: Listener): () => void };

/** What is said over a socket: requests with their answers, and pings that tell whether it lives. */
function converse(socket: Socket): Conversation {
  const questions = createQuestions();
  const listeners = new Map<string, Listener>();
  const read = createFrameReader();
  let lostFor: string | undefined;
  let ids = 0;
  let isQuiet = false;

  const pinging = setInterval(() => {
    if (isQuiet) return lose('it does not answer');
    isQuiet = true;
    send({ kind: 'ping', fields: {} });
  }, PING_EVERY_MS);

  function lose(reason: string): void {
    if (lostFor !== undefined) return;
    lostFor = reason;
    clearInterval(pinging);
    socket.destroy();
    questions.lose(reason);
    for (const listener of Array.from(listeners.values())) listener.lost(reason);
    listeners.clear();
  }
  function send(command: Command, entry?: Entry): void {
    if (lostFor === undefined) socket.write(encodeFrame(command, entry));
  }
  function take({ command, rest }: Frame): void {
    if (command === undefined || command.kind === 'pong') return;
    if (command.kind === 'ping') return send({ kind: 'pong', fields: {} });
    if (questions.answer(command)) return;
    const listener = listeners.get(listenerOf(command)) ?? listeners.get(FIRST);
    listener?.command(command, rest);
  }
  function listen(name: string, listener: Listener): () => void {
    if (lostFor !== undefined) listener.lost(lostFor);
    else listeners.set(name, listener);
    return () => void listeners.delete(name);
  }

  socket.on('data', (chunk: Buffer) => {
    isQuiet = false;
    try {
      for (const frame of read(chunk)) take(frame);
    } catch (error) {
      lose(ArgosyError.fromUnknown(error).message);
    }
  });
  socket.on('error', (error) => lose(error.message));
  socket.on('close', () => lose('the connection was closed'));
  return {
    isLost: () => lostFor !== undefined,
    nextId: () => (ids += 1),
    send,
    async request(make) {
      if (lostFor !== undefined) throw unavailable(lostFor);
      const requestId = (ids += 1);
      const answered = questions.ask(requestId);
      send(make(requestId));
      return answered;
    },
    listen: (side, id, listener) => listen(`${side} ${id}`, listener),
    listenFirst: (listener) => listen(FIRST, listener),
    close: () => lose('it was closed'),
  };
}

/** What was asked and is not answered yet. */
function createQuestions(): {
  ask(requestId: number): Promise<Command>;
  /** @returns whether it is the answer to a question */
  answer(command: Command): boolean;
  lose(reason: string): void;
} {
  const waiting = new Map<number, PromiseWithResolvers<Command>>();
  return {
    async ask(requestId) {
      const asked = Promise.withResolvers<Command>();
      waiting.set(requestId, asked);
      const timer = setTimeout(
        () => asked.reject(unavailable('it does not answer')),
        ANSWER_MS_MAX,
      );
      try {
        return await asked.promise;
      } finally {
        clearTimeout(timer);
        waiting.delete(requestId);
      }
    },
    answer(command) {
      const requestId = answeredRequest(command);
      const asked = requestId === undefined ? undefined : waiting.get(requestId);
      if (command.kind === 'error') {
        asked?.reject(unavailable(errorText(command.fields.error, command.fields.message)));
      } else asked?.resolve(command);
      return asked !== undefined;
    },
    lose(reason) {
      for (const { reject } of waiting.values()) reject(unavailable(reason));
    },
  };
}

/** The listener of what comes before there are consumers and producers. */
const FIRST = 'first';

function answeredRequest(command: Command): number | undefined {
  switch (command.kind) {
    case 'success':
    case 'error':
    case 'producerSuccess':
    case 'partitionsAnswer':
    case 'lookupAnswer':
      return command.fields.requestId;
    default:
      return undefined;
  }
}

function listenerOf(command: Command): string {
  switch (command.kind) {
    case 'message':
      return `Consumer ${command.fields.consumerId ?? 0}`;
    case 'closeConsumer':
      return `Consumer ${command.fields.id ?? 0}`;
    case 'sendReceipt':
    case 'sendError':
      return `Producer ${command.fields.producerId ?? 0}`;
    case 'closeProducer':
      return `Producer ${command.fields.id ?? 0}`;
    default:
      return FIRST;
  }
}

export function unavailable(reason: string): ArgosyError {
  return new ArgosyError('UNAVAILABLE', reason);
}
