import { createHash } from 'node:crypto';
import { BUCKETS } from '@argosy/api';
import { unknownSensorFields } from '@argosy/core-events';
import {
  writeConditions,
  type DeclaredResource,
  type DeclaredResources,
  type ResourceCondition,
} from '@argosy/shell';
import { createActions } from './actions.ts';
import { createDeadLetters } from './dead-letters.ts';
import { createSensorLogic } from './logic/create-logic.ts';
import { readSensorSpec, type SensorSpec } from './logic/sensor-spec.ts';
import { createSemaphore } from './semaphore.ts';
import { createSensorMemory } from './sensor-memory.ts';
import type { SensorMetrics } from './sensor-metrics.ts';
import { startSensorRun, type SensorRun } from './sensor-run.ts';
import { createStateStore } from './state-store.ts';
import { isRecord, type TriggerEnvironment, type TriggerKind } from './triggers/trigger.ts';

/** The sensors that run on this replica, by resource key. */
export interface SensorRuns {
  /** Brings one sensor in line with its manifest and says in its status how it is. */
  reconcile(key: string): Promise<void>;
  stopAll(budgetMs: number): Promise<void>;
  /** The first sensor that hears no events, as a sentence. */
  readonly trouble: string | undefined;
}

export interface SensorRunsOptions {
  readonly environment: TriggerEnvironment;
  readonly kinds: ReadonlyMap<string, TriggerKind>;
  readonly metrics: SensorMetrics;
  readonly resources: () => DeclaredResources | undefined;
  /** Asks for another pass over a key. */
  readonly touch: (key: string) => void;
}

interface Running {
  /** Changes when the sensor must be started anew. */
  readonly fingerprint: string;
  readonly run: SensorRun;
}

/** Attempts of one sensor's triggers at the same time. */
const ATTEMPTS_AT_ONCE_MAX = 64;
/** How long a changed or deleted sensor may take to finish what it has in hand. */
const CHANGE_BUDGET_MS = 5_000;

export function createSensorRuns(options: SensorRunsOptions): SensorRuns {
  const running = new Map<string, Running>();
  const messages = new Map<string, string>();

  async function reconcile(key: string): Promise<void> {
    const resource = options.resources()?.get(key);
    if (resource === undefined) {
      messages.delete(key);
      return stop(key, CHANGE_BUDGET_MS);
    }
    const { spec, problems } = readSensorSpec(resource, resource.manifest, options.kinds);
    const canRun = spec.dependencies.length > 0 && spec.triggers.length > 0;
    const fingerprint = fingerprintOf(resource);
    if (running.get(key)?.fingerprint !== fingerprint) {
      await stop(key, CHANGE_BUDGET_MS);
      if (canRun) running.set(key, { fingerprint, run: await start(options, resource, spec) });
    }
    const trouble = running.get(key)?.run.trouble ?? (canRun ? '' : 'there is nothing to run');
    const unknown = unknownSensorFields(resource.manifest)
      .map((field) => `${field} has no effect here`)
      .join('; ');
    report(resource, [...problems, trouble, unknown].filter((text) => text !== '').join('; '));
    const bucket = await options.environment.context.bus.keyValue(BUCKETS.resources);
    await writeConditions(bucket, key, conditionsOf(problems, trouble, unknown));
  }

  async function stop(key: string, budgetMs: number): Promise<void> {
    const current = running.get(key);
    running.delete(key);
    await current?.run.stop(budgetMs);
  }

  /** Each message once in the log. */
  function report({ key, namespace, name }: DeclaredResource, message: string): void {
    if (messages.get(key) === message) return;
    messages.set(key, message);
    const { logger } = options.environment;
    const fields = { namespace, sensor: name };
    if (message === '') logger.info(fields, 'the sensor runs without trouble');
    else logger.warn({ ...fields, reason: message }, 'the sensor has trouble');
  }

  return {
    reconcile,
    async stopAll(budgetMs) {
      await Promise.all(Array.from(running.keys(), (key) => stop(key, budgetMs)));
    },
    get trouble() {
      for (const [key, { run }] of running) {
        if (run.trouble !== undefined) return `the sensor ${key} hears no events: ${run.trouble}`;
      }
      return undefined;
    },
  };
}

async function start(
  options: SensorRunsOptions,
  resource: DeclaredResource,
  spec: SensorSpec,
): Promise<SensorRun> {
  const { environment, kinds, metrics } = options;
  const { namespace, name: sensor } = resource;
  const logger = environment.logger.child({
    ...loggingFieldsOf(resource.manifest),
    namespace,
    sensor,
  });
  const logic = createSensorLogic(namespace, spec);
  for (const trigger of triggersOf(spec)) {
    metrics.begin({ namespace, sensor_name: sensor, trigger_name: trigger });
  }
  const deadLetters = createDeadLetters(environment.context.bus, { namespace, sensor });
  return startSensorRun({
    context: environment.context,
    namespace,
    sensor,
    eventBus: spec.eventBus,
    declaredAtMs: declaredAtMs(resource),
    logic,
    memory: createSensorMemory(logic, createStateStore(environment.context.bus, namespace, sensor)),
    actions: createActions({
      namespace,
      sensor,
      logic,
      kinds,
      environment: { ...environment, logger },
      metrics,
      deadLetters,
      semaphore: createSemaphore(ATTEMPTS_AT_ONCE_MAX),
    }),
    deadLetters,
    metrics,
    healthChanged: () => options.touch(resource.key),
    logger,
  });
}

/** `spec.loggingFields`: texts that each line of the sensor's log has. */
function loggingFieldsOf(manifest: unknown): Readonly<Record<string, string>> {
  const spec = isRecord(manifest) ? manifest['spec'] : undefined;
  const fields = isRecord(spec) ? spec['loggingFields'] : undefined;
  if (!isRecord(fields)) return {};
  const texts = Object.entries(fields).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(texts) as Record<string, string>;
}

/** The names of all triggers, those of dead letters included. */
function triggersOf({ triggers }: SensorSpec): readonly string[] {
  return triggers.flatMap(({ name, deadLetter }) =>
    deadLetter === undefined ? [name] : [name, deadLetter.name],
  );
}

function declaredAtMs({ manifest }: DeclaredResource): number | undefined {
  const { metadata } = manifest as { readonly metadata?: { readonly creationTimestamp?: unknown } };
  const atMs = Date.parse(String(metadata?.creationTimestamp));
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** Of the spec alone, because the status changes by our own hand. */
function fingerprintOf(resource: DeclaredResource): string {
  const { spec } = resource.manifest as { readonly spec?: unknown };
  return createHash('sha256')
    .update(JSON.stringify(spec ?? null))
    .digest('hex');
}

function conditionsOf(
  problems: readonly string[],
  trouble: string,
  unknown: string,
): readonly ResourceCondition[] {
  const about = (field: string): string =>
    problems.filter((problem) => problem.startsWith(field)).join('; ');
  return [
    condition('DependenciesProvided', about('spec.dependencies'), 'InvalidDependencies'),
    condition('TriggersProvided', about('spec.triggers'), 'InvalidTriggers'),
    condition('Deployed', trouble, 'NotRunning'),
    ...(unknown === ''
      ? []
      : [{ type: 'FieldsRead', ok: true, reason: 'SomeHaveNoEffect', message: unknown }]),
  ];
}

function condition(type: string, trouble: string, reason: string): ResourceCondition {
  if (trouble === '') return { type, ok: true, reason: 'Ready', message: '' };
  return { type, ok: false, reason, message: trouble };
}
