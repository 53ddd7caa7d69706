import {
  connect,
  credsAuthenticator,
  headers as newHeaders,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
  type Authenticator,
} from '@nats-io/transport-node';
import { ArgosyError } from '@argosy/base';

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
}

/** A connection to a NATS server that is not the bus. */
export interface OutsideNats extends AsyncDisposable {
  /** Resolves when the server has the message. @throws ArgosyError UNAVAILABLE */
  publish(
    subject: string,
    data: Uint8Array,
    headers: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** False once the connection is lost for good. */
  readonly isOpen: boolean;
}

const CONNECT_TIMEOUT_MS = 5_000;
const FLUSH_TIMEOUT_MS = 5_000;

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
    ...(tls === undefined ? {} : { tls: { ...tls } }),
    ...(authenticator === undefined ? {} : { authenticator }),
  }).catch((error: unknown) => {
    throw connectError(url, error);
  });
  return {
    get isOpen() {
      return !client.isClosed();
    },
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
