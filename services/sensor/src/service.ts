import { subjectToken } from '@argosy/api';
import type { Bus } from '@argosy/bus';
import { createRpcServer } from '@argosy/rpc';
import {
  announcePresence,
  createKeyedReconciler,
  followResources,
  createKeptObjects,
  pause,
  type DeclaredResources,
  type RunningService,
  type StartService,
} from '@argosy/shell';
import type { SensorConfig } from './config.ts';
import { createSensorMetrics } from './sensor-metrics.ts';
import { createSensorRuns, type SensorRuns } from './sensor-runs.ts';
import { argoWorkflowTrigger } from './triggers/argo-workflow.ts';
import { createAwsLambdaTrigger } from './triggers/aws-lambda.ts';
import { createAzureEventHubsTrigger } from './triggers/azure-event-hubs.ts';
import { createAzureServiceBusTrigger } from './triggers/azure-service-bus.ts';
import { createCustomTrigger } from './triggers/custom.ts';
import { createEmailTrigger } from './triggers/email.ts';
import { httpTrigger } from './triggers/http.ts';
import { createKafkaTrigger } from './triggers/kafka.ts';
import { kubernetesTrigger } from './triggers/kubernetes.ts';
import { createLogTrigger } from './triggers/log.ts';
import { createNatsTrigger } from './triggers/nats.ts';
import { createPulsarTrigger } from './triggers/pulsar.ts';
import { openWhiskTrigger } from './triggers/openwhisk.ts';
import { createSlackTrigger } from './triggers/slack.ts';
import type { TriggerKind } from './triggers/trigger.ts';
import { createValueLookup } from './values.ts';

const KIND = 'sensor';
const VALUE_KINDS = ['secret', 'configmap'];
/** How long the start waits for the declared sensors; those in trouble are tried on after it. */
const FIRST_PASS_MS_MAX = 2_000;

/**
 * Runs the declared Sensors. Events are kept by the bus for each of them from its first appearance, whether
 * or not this service is up. A sensor or trigger in trouble leaves the others alone.
 */
export const startSensor: StartService<SensorConfig> = async (context, config) => {
  const { bus, logger } = context;
  const stopping = new AbortController();
  const live: { resources?: DeclaredResources } = {};
  const kinds = triggerKinds();
  const objects = createKeptObjects(config.gateway, {
    what: 'this trigger needs',
    service: 'sensor',
  });
  const runs = createSensorRuns({
    environment: {
      context,
      values: createValueLookup(bus, () => live.resources),
      objects,
      partitions: config.partitions,
      filesDirectory: config.filesDirectory,
      logger,
    },
    kinds: new Map(kinds.map((kind) => [kind.kind, kind])),
    metrics: createSensorMetrics(context.metrics),
    resources: () => live.resources,
    touch: (key) => reconciler.touch(key),
  });
  const reconciler = createKeyedReconciler({
    reconcile: (key) => runs.reconcile(key),
    onError: (key, error, nextTryMs) =>
      logger.warn({ key, err: error, nextTryMs }, 'a sensor could not be started; trying again'),
    signal: stopping.signal,
  });
  const ready = readinessOf(bus, live, runs);
  const server = await createRpcServer({
    host: config.rpcHost,
    port: config.rpcPort,
    services: [],
    logger,
    readiness: ready,
  });
  live.resources = await followResources({
    bus,
    kinds: [...VALUE_KINDS, KIND],
    onChange: (key) => {
      if (key.startsWith(`${KIND}.`)) reconciler.touch(key);
    },
    logger,
    signal: stopping.signal,
  });
  for (const { key } of live.resources.ofKind(KIND)) reconciler.touch(key);
  await Promise.race([reconciler.settled(), pause(FIRST_PASS_MS_MAX, stopping.signal)]);
  const rpcAddress = `${context.advertiseHost}:${server.port}`;
  const presence = await announcePresence({
    bus,
    key: `sensor.${subjectToken(context.replicaId)}`,
    value: { rpcAddress },
    logger,
  });
  return {
    name: 'sensor',
    rpcAddress,
    ready,
    async stop(budgetMs) {
      await presence.stop();
      stopping.abort();
      await reconciler.settled();
      await Promise.all([runs.stopAll(budgetMs), server.stop(budgetMs)]);
      await Promise.all(kinds.map((kind) => kind.close?.()));
      objects.close();
    },
  } satisfies RunningService;
};

function readinessOf(
  bus: Bus,
  live: { readonly resources?: DeclaredResources },
  runs: SensorRuns,
): () => { ready: boolean; reason?: string } {
  return () => {
    const reason =
      bus.status.kind === 'Disconnected'
        ? `bus: ${bus.status.reason}`
        : live.resources === undefined
          ? 'the manifests are being read'
          : (live.resources.trouble ?? runs.trouble);
    return reason === undefined ? { ready: true } : { ready: false, reason };
  };
}

function triggerKinds(): readonly TriggerKind[] {
  return [
    argoWorkflowTrigger,
    kubernetesTrigger,
    httpTrigger,
    createLogTrigger(),
    createNatsTrigger(),
    createKafkaTrigger(),
    createPulsarTrigger(),
    createCustomTrigger(),
    createSlackTrigger(),
    createEmailTrigger(),
    createAwsLambdaTrigger(),
    createAzureServiceBusTrigger(),
    createAzureEventHubsTrigger(),
    openWhiskTrigger,
  ];
}
