import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ArgosyError } from '@argosy/base';
import type { OriginConnection } from '../lasting-connection.ts';
import type { TlsOptions } from '../tls-settings.ts';
import { commandWithBody, createFrameReader, type NsqMessage } from './frames.ts';

/** What becomes of a message: it is done, or comes again. */
export type NsqVerdict = 'Finish' | 'Requeue';

export interface NsqdOptions {
  readonly host: string;
  readonly port: number;
  readonly topic: string;
  readonly channel: string;
  /** Shown by nsqd. */
  readonly clientId: string;
  readonly tls: TlsOptions | undefined;
  /** One message at a time. */
  take(message: NsqMessage, signal: AbortSignal): Promise<NsqVerdict>;
}

/** Longest time for connecting and for each answer of the greeting. */
const ANSWER_TIMEOUT_MS = 5_000;
/** nsqd says that it is there this often; silence of twice as long means that it is gone. */
const HEARTBEAT_MS = 15_000;
/** How often nsqd is told that a message takes longer; it hands it out again after a minute. */
const TOUCH_INTERVAL_MS = 20_000;

/** Connects to one nsqd and subscribes. @throws ArgosyError UNAVAILABLE */
export async function openNsqd(
  options: NsqdOptions,
  signal: AbortSignal,
): Promise<OriginConnection> {
  const closing = new AbortController();
  const lost = Promise.withResolvers<string>();
  let inHand: Promise<void> = Promise.resolve();
  const wire = createWire(options, lost.resolve, (message) => {
    inHand = handle(message);
  });
  async function handle(message: NsqMessage): Promise<void> {
    const touch = setInterval(() => wire.send(`TOUCH ${message.id}\n`), TOUCH_INTERVAL_MS);
    const verdict = await options.take(message, closing.signal);
    clearInterval(touch);
    wire.send(verdict === 'Finish' ? `FIN ${message.id}\n` : `REQ ${message.id} 0\n`);
  }
  const stop = (): void => lost.resolve('it was stopped');
  signal.addEventListener('abort', stop, { once: true });
  try {
    const failed = lost.promise.then((reason) => {
      throw new ArgosyError('UNAVAILABLE', reason);
    });
    await Promise.race([greet(wire, options), failed]);
  } catch (error) {
    wire.close();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return {
    lost: lost.promise,
    async close() {
      closing.abort();
      wire.send('CLS\n');
      await inHand;
      wire.close();
    },
  };
}

async function greet(wire: Wire, options: NsqdOptions): Promise<void> {
  const { topic, channel, clientId, tls } = options;
  await wire.opened();
  wire.send('  V2');
  const identity = {
    ...{ client_id: clientId, hostname: clientId, user_agent: 'argosy' },
    ...{ feature_negotiation: true, heartbeat_interval: HEARTBEAT_MS, tls_v1: tls !== undefined },
  };
  const answer = await wire.ask(commandWithBody('IDENTIFY', JSON.stringify(identity)));
  if (tls !== undefined) {
    if (!/"tls_v1":\s*true/.test(answer)) {
      throw new ArgosyError(
        'FAILED_PRECONDITION',
        'it does not speak TLS; remove tls or set it up',
      );
    }
    await wire.secure(tls);
  }
  await wire.ask(`SUB ${topic} ${channel}\n`);
  wire.send('RDY 1\n');
}

/** The commands and answers of one connection. */
interface Wire {
  opened(): Promise<void>;
  /** Goes on over TLS; resolves when nsqd agrees. */
  secure(tls: TlsOptions): Promise<void>;
  send(command: string | Buffer): void;
  /** Sends a command that is answered. */
  ask(command: string | Buffer): Promise<string>;
  close(): void;
}

function createWire(
  options: NsqdOptions,
  lose: (reason: string) => void,
  onMessage: (message: NsqMessage) => void,
): Wire {
  const { host, port } = options;
  let answered: ((text: string) => void) | undefined;
  const read = createFrameReader((frame) => {
    if (frame.kind === 'Message') onMessage(frame.message);
    else if (frame.text === '_heartbeat_') socket.write('NOP\n');
    // An answer to FIN, REQ or TOUCH that came too late: the message comes again by itself.
    else if (/^E_(FIN|REQ|TOUCH)_FAILED/.test(frame.text)) return;
    else if (frame.kind === 'Error') lose(frame.text);
    else answered?.(frame.text);
  });
  const plain = connectTcp({ host, port });
  let socket: Socket = listen(plain);

  function listen(next: Socket): Socket {
    next.setTimeout(2 * HEARTBEAT_MS, () => lose('it is silent'));
    next.on('error', (error) => lose(error.message));
    next.on('close', () => lose('the server closed the connection'));
    next.on('data', (chunk: Buffer) => {
      try {
        read(chunk);
      } catch (error) {
        lose(String(error));
        next.destroy();
      }
    });
    return next;
  }
  function answer(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const timer = setTimeout(() => lose('it does not answer'), ANSWER_TIMEOUT_MS);
    answered = (text) => {
      clearTimeout(timer);
      answered = undefined;
      resolve(text);
    };
    return promise;
  }
  return {
    async opened() {
      await once(plain, 'connect', { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    },
    async secure(tls) {
      plain.removeAllListeners('data');
      const agreed = answer();
      const servername = isIP(host) === 0 ? { servername: host } : { host };
      socket = listen(connectTls({ socket: plain, ...servername, ...tls }));
      await agreed;
    },
    send(command) {
      if (socket.writable) socket.write(command);
    },
    async ask(command) {
      const answering = answer();
      socket.write(command);
      return answering;
    },
    close() {
      socket.end();
      plain.destroySoon();
    },
  };
}
