import { subjectToken } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { CONTROLLER_CONFIG_MAP, DEFAULT_NAMESPACE } from '@argosy/model';
import { createRpcServer, type RpcServer } from '@argosy/rpc';
import { announcePresence, type RunningService, type ServiceContext } from '@argosy/shell';
import type { FastifyInstance } from 'fastify';
import { createAuthentication, type Authenticate } from './authentication.ts';
import { COMMAND_TIMEOUT_MS, SUBMIT_TIMEOUT_MS, type GatewayConfig } from './config.ts';
import { createHttpServer } from './http/server.ts';
import type { GatewayParts } from './parts.ts';
import { createIngressPeers } from './peers.ts';
import { openRegistry } from './resources/registry.ts';
import { eventService } from './rpc/event-service.ts';
import { infoService } from './rpc/info-service.ts';
import { resourceService } from './rpc/resource-service.ts';
import { syncService } from './rpc/sync-service.ts';
import { workflowService } from './rpc/workflow-service.ts';
import { followRuns } from './runs/run-index.ts';
import { createRunStates } from './runs/run-states.ts';
import { createCommands } from './submission/commands.ts';
import { openReservations } from './submission/reservation.ts';

/** Where Argo itself is usually installed, with its configuration. */
const ARGO_NAMESPACE = 'argo';

/** A running gateway. */
export interface RunningGateway extends RunningService {
  /** `http://host:port` of REST, web hooks, health and metrics. */
  readonly httpAddress: string;
}

/**
 * Starts the public side of the installation: REST, gRPC, web hooks.
 * @throws ArgosyError INVALID_ARGUMENT without a token; UNAVAILABLE when a port is taken or the bus is away.
 */
export async function startGateway(
  context: ServiceContext,
  config: GatewayConfig,
): Promise<RunningGateway> {
  const authenticate = createAuthentication(config.tokens);
  const stopping = new AbortController();
  const addresses = { http: '' };
  const parts = await openParts(context, config, { authenticate, stopping, addresses });
  const opened: (() => Promise<void>)[] = [];
  try {
    const http = createHttpServer(parts);
    opened.push(() => http.close());
    addresses.http = await listen(http, config);
    const rpc = await listenRpc(parts, config);
    opened.push(() => rpc.stop(0));
    const rpcAddress = `${context.advertiseHost}:${rpc.port}`;
    const presence = await announcePresence({
      bus: context.bus,
      key: `gateway.${subjectToken(context.replicaId)}`,
      value: { rpcAddress, httpAddress: addresses.http },
      logger: context.logger,
    });
    context.logger.info({ http: addresses.http, rpc: rpcAddress }, 'the gateway is listening');
    return {
      name: 'gateway',
      rpcAddress,
      httpAddress: addresses.http,
      ready: () => parts.ready(),
      async stop(budgetMs) {
        await presence.stop();
        stopping.abort();
        await Promise.all([closeHttp(http, budgetMs), rpc.stop(budgetMs)]);
        parts.ingress.close();
      },
    };
  } catch (error) {
    stopping.abort();
    for (const close of opened.reverse()) await close();
    throw error;
  }
}

async function openParts(
  context: ServiceContext,
  config: GatewayConfig,
  options: {
    readonly authenticate: Authenticate;
    readonly stopping: AbortController;
    readonly addresses: { readonly http: string };
  },
): Promise<GatewayParts> {
  const { bus, logger, metrics, tracing } = context;
  const { partitions } = config;
  const { signal } = options.stopping;
  const namespaceDefault = config.namespaceDefault ?? DEFAULT_NAMESPACE;
  const [index, registry, reservations] = await Promise.all([
    followRuns(bus, logger, signal),
    openRegistry(bus, logger, signal, {
      name: config.configMap ?? CONTROLLER_CONFIG_MAP,
      namespaces: config.configNamespaces ?? [ARGO_NAMESPACE, namespaceDefault],
    }),
    openReservations(bus, partitions),
  ]);
  const timeoutMs = config.commandTimeoutMs ?? COMMAND_TIMEOUT_MS;
  return {
    bus,
    logger,
    metrics,
    tracing,
    partitions,
    index,
    registry,
    reservations,
    states: createRunStates(bus, { partitions }),
    commands: createCommands(bus, { partitions, timeoutMs }),
    submitTimeoutMs: config.submitTimeoutMs ?? SUBMIT_TIMEOUT_MS,
    ingress: createIngressPeers(bus),
    authenticate: options.authenticate,
    namespaceDefault,
    identity: {
      version: config.version ?? 'unknown',
      replicaId: context.replicaId,
      startedAtMs: Date.now(),
    },
    httpAddress: () => options.addresses.http,
    ready() {
      if (signal.aborted) return { ready: false, reason: 'the gateway is stopping' };
      const { status } = bus;
      if (status.kind === 'Disconnected') return { ready: false, reason: `bus: ${status.reason}` };
      const trouble = index.trouble ?? registry.trouble;
      return trouble === undefined ? { ready: true } : { ready: false, reason: trouble };
    },
    stopping: signal,
  };
}

async function listen(http: FastifyInstance, config: GatewayConfig): Promise<string> {
  const { httpHost: host, httpPort: port } = config;
  try {
    await http.listen({ host, port });
  } catch (error) {
    const reason = ArgosyError.fromUnknown(error).message;
    const message = `The HTTP address ${host}:${port} cannot be bound: ${reason}`;
    throw new ArgosyError('UNAVAILABLE', message, { cause: error });
  }
  const address = http.server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
}

function listenRpc(parts: GatewayParts, config: GatewayConfig): Promise<RpcServer> {
  const calls = parts.metrics.instrument({
    kind: 'counter',
    name: 'argosy_grpc_requests_total',
    help: 'gRPC calls to the gateway by method and code.',
    labels: ['method', 'code'],
  });
  const durations = parts.metrics.instrument({
    kind: 'histogram',
    name: 'argosy_grpc_request_duration_seconds',
    help: 'Time from the begin of a gRPC call to its end; streams live as long as their readers.',
    labels: ['method'],
  });
  return createRpcServer({
    host: config.rpcHost,
    port: config.rpcPort,
    services: [
      workflowService(parts),
      resourceService(parts),
      eventService(parts),
      infoService(parts),
      syncService(parts),
    ],
    logger: parts.logger,
    authenticate: ({ authorization }) => parts.authenticate(authorization),
    readiness: () => parts.ready(),
    onFinished: ({ method, code, durationMs }) => {
      calls.add(1, { method, code });
      durations.observe(durationMs / 1_000, { method });
    },
  });
}

/** Lets requests under way finish; what is left after the budget is cut. */
async function closeHttp(http: FastifyInstance, budgetMs: number): Promise<void> {
  const timer = setTimeout(() => {
    http.server.closeAllConnections();
  }, budgetMs);
  await http.close();
  clearTimeout(timer);
}
