import { ArgosyError } from '@argosy/base';
import { create, type DescMethod, type DescService, type Message } from '@bufbuild/protobuf';
import {
  Client,
  Metadata,
  credentials,
  type CallOptions as GrpcCallOptions,
  type ChannelCredentials,
  type ClientReadableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { methodDefinition, type CallOptions, type RpcClient } from './bridge.ts';
import {
  KEEPALIVE_TIMEOUT_MS,
  KEEPALIVE_TIME_MS,
  RPC_DEADLINE_MS_DEFAULT,
  RPC_MESSAGE_BYTES_MAX,
} from './limits.ts';
import { errorOfStatus } from './status.ts';

export interface RpcClientOptions {
  /** Sent as `authorization: Bearer …` with every call. */
  readonly token?: string;
  /** Largest message either way, bytes; default RPC_MESSAGE_BYTES_MAX. */
  readonly messageBytesMax?: number;
  /** Without it the connection is in the clear. */
  readonly tls?: RpcClientTls;
}

/** How a server is known. */
export interface RpcClientTls {
  /** PEM of those that may have signed the server's certificate; default those that the system trusts. */
  readonly rootCertificates?: string;
  /** The name that the certificate must be for; default the host of the address. */
  readonly serverName?: string;
}

interface Connection {
  readonly client: Client;
  readonly token: string | undefined;
}

/**
 * A typed client of one service at `host:port`. Connects at the first call and again when the
 * connection is lost. Calls throw ArgosyError only.
 */
export function createRpcClient<Service extends DescService>(
  descriptor: Service,
  address: string,
  options: RpcClientOptions = {},
): RpcClient<Service> {
  const messageBytesMax = options.messageBytesMax ?? RPC_MESSAGE_BYTES_MAX;
  const { tls } = options;
  const client = new Client(address, credentialsOf(tls), {
    'grpc.max_receive_message_length': messageBytesMax,
    'grpc.max_send_message_length': messageBytesMax,
    'grpc.keepalive_time_ms': KEEPALIVE_TIME_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    ...(tls?.serverName === undefined ? {} : { 'grpc.ssl_target_name_override': tls.serverName }),
  });
  const connection = { client, token: options.token };
  const methods: Record<string, unknown> = {
    close: () => {
      client.close();
    },
    connected: (timeoutMs: number) => waitConnected(client, address, timeoutMs),
  };
  for (const method of descriptor.methods) {
    if (method.methodKind === 'unary') {
      methods[method.localName] = (request: never, callOptions: CallOptions = {}) =>
        callUnary(connection, method, create(method.input, request), callOptions);
    } else if (method.methodKind === 'server_streaming') {
      methods[method.localName] = (request: never, callOptions: CallOptions = {}) =>
        callStream(connection, method, create(method.input, request), callOptions);
    }
  }
  return methods as unknown as RpcClient<Service>;
}

function credentialsOf(tls: RpcClientTls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  const { rootCertificates } = tls;
  return credentials.createSsl(
    rootCertificates === undefined ? undefined : Buffer.from(rootCertificates),
  );
}

function waitConnected(client: Client, address: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + timeoutMs, (error) => {
      if (error === undefined) resolve();
      else reject(new ArgosyError('UNAVAILABLE', `there is no connection to ${address}`));
    });
  });
}

function callUnary(
  connection: Connection,
  method: DescMethod,
  request: Message,
  options: CallOptions,
): Promise<Message> {
  const { path, requestSerialize, responseDeserialize } = methodDefinition(method);
  return new Promise((resolve, reject) => {
    if (options.signal?.aborted === true) {
      reject(new ArgosyError('CANCELLED', `${path} was given up before it began.`));
      return;
    }
    const abort = (): void => {
      call.cancel();
    };
    const call = connection.client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadataOf(connection, options),
      settingsOf(options, RPC_DEADLINE_MS_DEFAULT),
      (error: ServiceError | null, answer?: Message) => {
        options.signal?.removeEventListener('abort', abort);
        if (error !== null) reject(errorOfStatus(error, path));
        else if (answer === undefined) reject(new ArgosyError('INTERNAL', `${path}: no answer`));
        else resolve(answer);
      },
    );
    options.signal?.addEventListener('abort', abort, { once: true });
  });
}

/** Each loop over the result is a call of its own; leaving the loop cancels the call. */
function callStream(
  connection: Connection,
  method: DescMethod,
  request: Message,
  options: CallOptions,
): AsyncIterable<Message> {
  return {
    async *[Symbol.asyncIterator]() {
      const { path } = methodDefinition(method);
      const gaveUp = (): boolean => options.signal?.aborted === true;
      if (gaveUp()) return;
      const call = openStream(connection, method, request, options);
      const abort = (): void => {
        call.cancel();
      };
      options.signal?.addEventListener('abort', abort, { once: true });
      try {
        for await (const answer of call) yield answer as Message;
      } catch (error) {
        if (gaveUp()) return;
        throw errorOfStatus(error as ServiceError, path);
      } finally {
        options.signal?.removeEventListener('abort', abort);
        call.cancel();
      }
    },
  };
}

function openStream(
  connection: Connection,
  method: DescMethod,
  request: Message,
  options: CallOptions,
): ClientReadableStream<Message> {
  const { path, requestSerialize, responseDeserialize } = methodDefinition(method);
  return connection.client.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    request,
    metadataOf(connection, options),
    settingsOf(options, undefined),
  );
}

function metadataOf(connection: Connection, options: CallOptions): Metadata {
  const metadata = new Metadata();
  if (connection.token !== undefined) metadata.set('authorization', `Bearer ${connection.token}`);
  if (options.traceparent !== undefined) metadata.set('traceparent', options.traceparent);
  return metadata;
}

function settingsOf(options: CallOptions, defaultMs: number | undefined): GrpcCallOptions {
  const deadlineMs = options.deadlineMs ?? defaultMs;
  return deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
}
