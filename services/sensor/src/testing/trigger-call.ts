import { ok } from '@argosy/base';
import { createMemoryBus } from '@argosy/bus';
import { createLogger, createMetrics, createTracing } from '@argosy/telemetry';
import type {
  TriggerCall,
  TriggerEnvironment,
  TriggerKind,
  TriggerOutcome,
} from '../triggers/trigger.ts';
import { memoryObjects } from './memory-objects.ts';

export const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** An environment with the Secrets that are given as `name/key`. */
export function environmentWith(
  secrets: Readonly<Record<string, string>> = {},
): TriggerEnvironment {
  const logger = createLogger({ name: 'test', level: 'silent' });
  return {
    context: {
      bus: createMemoryBus(),
      logger,
      metrics: createMetrics(),
      tracing: createTracing({ serviceName: 'test' }),
      replicaId: 'replica-1',
      advertiseHost: '127.0.0.1',
    },
    values: {
      secret: (_namespace, name, key) => secrets[`${name}/${key}`],
      configMap: () => undefined,
      manifest: () => Promise.resolve(undefined),
    },
    objects: memoryObjects(),
    partitions: 1,
    logger,
  };
}

/** Runs a trigger whose `payload` is a map and whose `parameters` are fields to write over. */
export function runTrigger(
  kind: TriggerKind,
  settings: object,
  changes: Partial<TriggerCall> & { readonly environment?: TriggerEnvironment } = {},
): Promise<TriggerOutcome> {
  const { environment = environmentWith(), ...rest } = changes;
  const call: TriggerCall = {
    namespace: 'default',
    sensor: 's',
    trigger: 't',
    firingId: 'f1',
    firedAtMs: 1_000,
    traceparent: TRACEPARENT,
    settings: { ...settings },
    policy: undefined,
    events: {},
    apply: (parameters, text) =>
      ok(JSON.stringify({ ...(JSON.parse(text) as object), ...fieldsOf(parameters) })),
    payload: (parameters) =>
      ok(JSON.stringify(Object.fromEntries(parameters as [string, string][]))),
    signal: new AbortController().signal,
    ...rest,
  };
  return kind.run(call, environment);
}

function fieldsOf(parameters: unknown): object {
  return Array.isArray(parameters) ? Object.fromEntries(parameters as [string, unknown][]) : {};
}
