import { createRpcServer } from '@argosy/rpc';
import {
  announcePresence,
  createKeptObjects,
  createKeyedReconciler,
  followResources,
  pause,
  type DeclaredResources,
  type KeptObjects,
  type RunningService,
  type ServiceContext,
  type StartService,
} from '@argosy/shell';
import { subjectToken } from '@argosy/api';
import { kvCheckpoint } from './checkpoints.ts';
import type { EventSourceConfig } from './config.ts';
import { clientFamilyDrivers } from './drivers/client-family.ts';
import type { Driver } from './drivers/driver.ts';
import { createEndpoints } from './drivers/http/endpoints.ts';
import { httpFamilyDrivers } from './drivers/http/family.ts';
import { HTTP_LIMITS } from './drivers/http/limits.ts';
import { createClusterAccess } from './drivers/resource/cluster/cluster-access.ts';
import { createResourceDriver } from './drivers/resource/driver.ts';
import { createEventMetrics } from './event-metrics.ts';
import { createEventSourceRuns } from './event-source-runs.ts';
import { ingressService } from './ingress.ts';
import { secretValue } from './secrets.ts';

const KIND = 'eventsource';
const SECRET_KIND = 'secret';
/** How long the start waits for the declared event sources; those in trouble are tried on after it. */
const FIRST_PASS_MS_MAX = 2_000;

/**
 * Runs the declared EventSources: follows the manifests, keeps their drivers running, and answers the
 * gateway's webhook requests. One event source in trouble leaves the others alone.
 */
export const startEventSource: StartService<EventSourceConfig> = async (context, config) => {
  const { bus, logger } = context;
  const stopping = new AbortController();
  const limits = config.httpLimits ?? HTTP_LIMITS;
  const endpoints = createEndpoints({ host: config.webhookHost, limits, logger });
  const clock = config.clock ?? Date.now;
  const objects = keptObjectsOf(config);
  const live: { resources?: DeclaredResources } = {};
  const runs = createEventSourceRuns({
    context,
    resources: () => live.resources,
    touch: (key) => reconciler.touch(key),
    starter: {
      context,
      drivers: driversByKind([
        ...httpFamilyDrivers({ endpoints, clock }),
        ...clientFamilyDrivers(),
        createResourceDriver({ bus, objects, cluster: createClusterAccess(config.cluster), clock }),
      ]),
      metrics: createEventMetrics(context.metrics),
      secret: (namespace, selector) => secretValue(live.resources, namespace, selector),
      checkpoint: (identity, eventName) => kvCheckpoint(bus, identity, eventName),
    },
  });
  const reconciler = createKeyedReconciler({
    reconcile: (key) => runs.reconcile(key),
    onError: (key, error, nextTryMs) =>
      logger.debug({ key, err: error, nextTryMs }, 'an event source will be tried again'),
    signal: stopping.signal,
  });
  const readiness = (): { ready: boolean; reason?: string } => readinessOf(context, live.resources);
  const server = await createRpcServer({
    host: config.rpcHost,
    port: config.rpcPort,
    services: [ingressService(endpoints)],
    logger,
    readiness,
  });
  const touchAll = (): void => {
    for (const { key } of live.resources?.ofKind(KIND) ?? []) reconciler.touch(key);
  };
  live.resources = await followResources({
    bus,
    kinds: [SECRET_KIND, KIND],
    // A changed secret may end or begin the trouble of any event source.
    onChange: (key) => (key.startsWith(`${KIND}.`) ? reconciler.touch(key) : touchAll()),
    logger,
    signal: stopping.signal,
  });
  touchAll();
  await Promise.race([reconciler.settled(), pause(FIRST_PASS_MS_MAX, stopping.signal)]);
  const rpcAddress = `${context.advertiseHost}:${server.port}`;
  const presence = await announcePresence({
    bus,
    key: `event-source.${subjectToken(context.replicaId)}`,
    value: { rpcAddress },
    logger,
  });
  return {
    name: 'event-source',
    rpcAddress,
    ready: readiness,
    async stop(budgetMs) {
      await presence.stop();
      stopping.abort();
      await Promise.all([reconciler.settled(), server.stop(budgetMs)]);
      await runs.stopAll();
      objects?.close();
    },
  } satisfies RunningService;
};

function keptObjectsOf({ gateway }: EventSourceConfig): KeptObjects | undefined {
  if (gateway === undefined) return undefined;
  const user = { what: 'events of whole workflows need', service: 'event source service' };
  return createKeptObjects(gateway, user);
}

function driversByKind(drivers: readonly Driver[]): ReadonlyMap<string, Driver> {
  return new Map(drivers.map((driver) => [driver.kind, driver]));
}

function readinessOf(
  context: ServiceContext,
  resources: DeclaredResources | undefined,
): { ready: boolean; reason?: string } {
  const { status } = context.bus;
  if (status.kind === 'Disconnected') return { ready: false, reason: `bus: ${status.reason}` };
  if (resources === undefined) return { ready: false, reason: 'the manifests are being read' };
  if (resources.trouble !== undefined) return { ready: false, reason: resources.trouble };
  return { ready: true };
}
