import {
  connect,
  credsAuthenticator,
  headers as newHeaders,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
  type Authenticator,
  type NatsConnection,
} from '@nats-io/transport-node';
import { ArgosyError } from '@argosy/base';
import {
  openOutsideConsumer,
  type OutsideConsumer,
  type OutsideConsumerOptions,
} from './consumer.ts';
import { headersOf, type OutsideMessage } from './message.ts';

/** How a NATS server that belongs to somebody else is reached. */
export interface OutsideNatsOptions {
  /** `nats://host:port`, several separated by commas. */
  readonly url: string;
  /** Shown in the server's list of connections. */
  readonly name: string;
  readonly credentials?: OutsideNatsCredentials;
  readonly tls?: OutsideNatsTls;
}

export type OutsideNatsCredentials =
  | { readonly kind: 'Basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'Token'; readonly token: string }
  /** The seed of an NKey. */
  | { readonly kind: 'NKey'; readonly seed: string }
  /** The text of a credentials file: a JWT and a seed. */
  | { readonly kind: 'CredentialsFile'; readonly text: string };

/** PEM texts. */
export interface OutsideNatsTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** False: the server's certificate may be anybody's. */
  readonly rejectUnauthorized?: boolean;
}

/** A connection to a NATS server that is not the bus. */
export interface OutsideNats extends AsyncDisposable {
  /** Resolves when the server has the message. @throws ArgosyError UNAVAILABLE */
  publish(
    subject: string,
    data: Uint8Array,
    headers: Readonly<Record<string, string>>,
  ): Promise<void>;
  /**
   * Takes in what is published on a subject from now on; resolves when the server knows. With a queue, one
   * subscriber of the queue gets each message.
   * @throws ArgosyError PERMISSION_DENIED, UNAVAILABLE
   */
  subscribe(
    subject: string,
    options: { readonly queue?: string; readonly onMessage: (message: OutsideMessage) => void },
  ): Promise<void>;
  /**
   * A durable consumer of a stream, which is made when it does not exist.
   * @throws ArgosyError NOT_FOUND, FAILED_PRECONDITION, UNAVAILABLE
   */
  consume(options: OutsideConsumerOptions): Promise<OutsideConsumer>;
  /** False once the connection is lost for good. */
  readonly isOpen: boolean;
  /** Resolves with what happened when the connection or a subscription is lost; never rejects. */
  readonly lost: Promise<string>;
}

const CONNECT_TIMEOUT_MS = 5_000;
const FLUSH_TIMEOUT_MS = 5_000;
/** A server that answers no ping twice in a row is gone. */
const PING_INTERVAL_MS = 10_000;

/**
 * Connects once; a lost connection is not made again, so that whoever publishes hears of it.
 * @throws ArgosyError UNAVAILABLE, UNAUTHENTICATED, INVALID_ARGUMENT for credentials that are none.
 */
export async function connectOutsideNats(options: OutsideNatsOptions): Promise<OutsideNats> {
  const { url, name, tls, credentials } = options;
  const authenticator = authenticatorOf(credentials);
  const client = await connect({
    servers: url.split(',').map((server) => server.trim()),
    name,
    reconnect: false,
    timeout: CONNECT_TIMEOUT_MS,
    pingInterval: PING_INTERVAL_MS,
    ...(tls === undefined ? {} : { tls: { ...tls } }),
    ...(authenticator === undefined ? {} : { authenticator }),
  }).catch((error: unknown) => {
    throw connectError(url, error);
  });
  return openNats(client, url);
}

function openNats(client: NatsConnection, url: string): OutsideNats {
  const lost = Promise.withResolvers<string>();
  void client.closed().then((error) => {
    lost.resolve(error instanceof Error ? error.message : 'the server closed the connection');
  });
  return {
    get isOpen() {
      return !client.isClosed();
    },
    lost: lost.promise,
    async publish(subject, data, headers) {
      const carried = newHeaders();
      for (const [key, value] of Object.entries(headers)) carried.set(key, value);
      try {
        client.publish(subject, data, { headers: carried });
        await within(client.flush(), FLUSH_TIMEOUT_MS);
      } catch (error) {
        throw new ArgosyError('UNAVAILABLE', `${url}: ${messageOf(error)}`, { cause: error });
      }
    },
    async subscribe(subject, { queue, onMessage }) {
      let refusal: string | undefined;
      client.subscribe(subject, {
        ...(queue === undefined ? {} : { queue }),
        callback(error, message) {
          if (error === null) {
            onMessage({
              subject: message.subject,
              data: message.data,
              headers: headersOf(message),
            });
            return;
          }
          refusal = error.message;
          lost.resolve(error.message);
        },
      });
      // What the server has against the subscription comes before its answer to this.
      await within(client.flush(), FLUSH_TIMEOUT_MS).catch((error: unknown) => {
        throw new ArgosyError('UNAVAILABLE', messageOf(error), { cause: error });
      });
      if (refusal !== undefined) throw new ArgosyError('PERMISSION_DENIED', refusal);
    },
    consume: (options) => openOutsideConsumer(client, options),
    async [Symbol.asyncDispose]() {
      await client.close();
    },
  };
}

function authenticatorOf(
  credentials: OutsideNatsCredentials | undefined,
): Authenticator | undefined {
  if (credentials === undefined) return undefined;
  try {
    return readAuthenticator(credentials);
  } catch (cause) {
    const message = `the ${credentials.kind} credentials cannot be read`;
    throw new ArgosyError('INVALID_ARGUMENT', message, { cause });
  }
}

function readAuthenticator(credentials: OutsideNatsCredentials): Authenticator {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  switch (credentials.kind) {
    case 'Basic':
      return usernamePasswordAuthenticator(credentials.username, credentials.password);
    case 'Token':
      return tokenAuthenticator(credentials.token);
    case 'NKey':
      return nkeyAuthenticator(bytes(credentials.seed.trim()));
    case 'CredentialsFile':
      return credsAuthenticator(bytes(credentials.text));
  }
}

/** The error never holds the credentials: they are no part of what the client says. */
function connectError(url: string, error: unknown): ArgosyError {
  const message = messageOf(error);
  const code = /auth/i.test(message) ? 'UNAUTHENTICATED' : 'UNAVAILABLE';
  return new ArgosyError(code, `${url}: ${message}`, { cause: error });
}

async function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
