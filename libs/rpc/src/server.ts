import { ArgosyError } from '@argosy/base';
import type { DescService } from '@bufbuild/protobuf';
import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { authenticationInterceptor, type Authenticate } from './authentication.ts';
import { methodDefinition, type ServiceImplementation } from './bridge.ts';
import { handlerOf, type FinishedCall, type HandlerOptions, type ServerCalls } from './handler.ts';
import {
  KEEPALIVE_TIMEOUT_MS,
  KEEPALIVE_TIME_MS,
  READINESS_POLL_MS,
  RPC_MESSAGE_BYTES_MAX,
} from './limits.ts';
import { addReflection } from './reflection.ts';

/** The part of a logger that the server needs. */
export interface RpcLogger {
  error(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}

/** A service with what answers it; made by `rpcService`, which checks that the two fit. */
export interface RpcService {
  readonly descriptor: DescService;
  readonly implementation: object;
}

/** Pairs a descriptor with its implementation, checked by type. */
export function rpcService<Service extends DescService>(
  descriptor: Service,
  implementation: ServiceImplementation<Service>,
): RpcService {
  return { descriptor, implementation };
}

export interface RpcServerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly services: readonly RpcService[];
  readonly logger: RpcLogger;
  /** Asked before every call but health checks; a throw refuses the call. Absent: all may call. */
  readonly authenticate?: Authenticate;
  /** Carried to the health service once a second. Absent: serving while the server is up. */
  readonly readiness?: () => { readonly ready: boolean };
  /** Told of every call that is over, for metrics. Must not throw. */
  readonly onFinished?: (call: FinishedCall) => void;
  /** Largest message either way, bytes; default RPC_MESSAGE_BYTES_MAX. */
  readonly messageBytesMax?: number;
}

export interface RpcServer {
  /** `host:port`, with the port that was bound. */
  readonly address: string;
  readonly port: number;
  /**
   * Takes no new calls, ends streams with UNAVAILABLE, lets unary calls finish within the budget
   * (milliseconds), then cuts the connections. Further calls wait for the first.
   */
  stop(budgetMs: number): Promise<void>;
}

/**
 * Serves protobuf services over plain HTTP/2, together with gRPC's reflection and health services.
 * @throws ArgosyError UNAVAILABLE when the address cannot be bound.
 */
export async function createRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const messageBytesMax = options.messageBytesMax ?? RPC_MESSAGE_BYTES_MAX;
  const calls: ServerCalls = { stopping: new AbortController(), users: new WeakMap() };
  const server = new Server({
    'grpc.max_receive_message_length': messageBytesMax,
    'grpc.max_send_message_length': messageBytesMax,
    'grpc.keepalive_time_ms': KEEPALIVE_TIME_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    interceptors:
      options.authenticate === undefined
        ? []
        : [authenticationInterceptor(options.authenticate, calls.users)],
  });
  const { logger, onFinished } = options;
  for (const service of options.services)
    addService(server, service, { calls, logger, onFinished });
  addReflection(
    server,
    options.services.map((service) => service.descriptor),
  );
  const stopHealth = addHealth(server, options);
  const port = await bind(server, options);
  let stopped: Promise<void> | undefined;
  return {
    address: `${options.host}:${port}`,
    port,
    stop: (budgetMs) => {
      stopHealth();
      calls.stopping.abort(new ArgosyError('UNAVAILABLE', 'The server is stopping: try again.'));
      stopped ??= shutDown(server, budgetMs);
      return stopped;
    },
  };
}

function addService(server: Server, service: RpcService, options: HandlerOptions): void {
  const definitions: Record<string, ReturnType<typeof methodDefinition>> = {};
  const handlers: UntypedServiceImplementation = {};
  const functions = service.implementation as Readonly<Record<string, unknown>>;
  for (const method of service.descriptor.methods) {
    const implementation = functions[method.localName];
    if (typeof implementation !== 'function') {
      const name = `${service.descriptor.typeName}.${method.name}`;
      throw new ArgosyError('INTERNAL', `${name} has no implementation.`);
    }
    definitions[method.name] = methodDefinition(method);
    handlers[method.name] = handlerOf(method, implementation.bind(functions) as never, options);
  }
  server.addService(definitions, handlers);
}

/** Serves gRPC's health protocol; the empty name stands for the whole server. */
function addHealth(server: Server, options: RpcServerOptions): () => void {
  const names = ['', ...options.services.map((service) => service.descriptor.typeName)];
  const status = (): 'SERVING' | 'NOT_SERVING' =>
    (options.readiness?.().ready ?? true) ? 'SERVING' : 'NOT_SERVING';
  let current = status();
  const health = new HealthImplementation(
    Object.fromEntries(names.map((name) => [name, current] as const)),
  );
  health.addToServer(server);
  const set = (next: 'SERVING' | 'NOT_SERVING'): void => {
    if (next === current) return;
    current = next;
    for (const name of names) health.setStatus(name, next);
  };
  const timer = setInterval(() => {
    set(status());
  }, READINESS_POLL_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    set('NOT_SERVING');
  };
}

function bind(server: Server, options: RpcServerOptions): Promise<number> {
  const address = `${options.host}:${options.port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) {
        resolve(port);
        return;
      }
      const message = `The gRPC address ${address} cannot be bound: ${error.message}.`;
      reject(new ArgosyError('UNAVAILABLE', message, { cause: error }));
    });
  });
}

function shutDown(server: Server, budgetMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, budgetMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
