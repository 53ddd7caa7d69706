import { BUCKETS } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import {
  writeConditions,
  type DeclaredResource,
  type DeclaredResources,
  type ResourceCondition,
  type ServiceContext,
} from '@argosy/shell';
import type { Ending } from './drivers/driver.ts';
import { readEventSourceSpec, type WantedEvent } from './event-source-spec.ts';
import {
  eventProblems,
  fieldsWithoutEffect,
  fingerprintOf,
  startEvent,
  type EventIdentity,
  type EventStarter,
  type RunningEvent,
} from './running-event.ts';

/** What runs on this replica, by resource key and event name. */
export interface EventSourceRuns {
  /** Brings what runs for one EventSource in line with its manifest, and says so in its status. */
  reconcile(key: string): Promise<void>;
  stopAll(): Promise<void>;
  /** Number of events that run. */
  readonly size: number;
}

export interface EventSourceRunsOptions {
  readonly context: ServiceContext;
  readonly starter: EventStarter;
  readonly resources: () => DeclaredResources | undefined;
  /** Asks for another pass over a key. */
  readonly touch: (key: string) => void;
}

/** Everything known about one EventSource on this replica. */
interface Run {
  readonly events: Map<string, RunningEvent>;
  /** The last message of the status that was logged, so that each is logged once. */
  lastMessage: string;
  /** What the status was last written for. */
  lastReport: string;
  /** The fields without effect that were last logged. */
  lastUnread: string;
}

export function createEventSourceRuns(options: EventSourceRunsOptions): EventSourceRuns {
  const { context, starter } = options;
  const runs = new Map<string, Run>();

  async function reconcile(key: string): Promise<void> {
    const resource = options.resources()?.get(key);
    if (resource === undefined) return remove(key, 'Removed');
    const run = runs.get(key) ?? {
      events: new Map<string, RunningEvent>(),
      lastMessage: '',
      lastReport: '',
      lastUnread: '',
    };
    runs.set(key, run);
    const { spec, problems } = readEventSourceSpec(resource.manifest);
    const identity: EventIdentity = {
      namespace: resource.namespace,
      eventSource: resource.name,
      eventBus: spec.eventBus,
    };
    const pass = { key, run, identity };
    const invalid = new Map(
      spec.events.map((event) => [event.eventName, eventProblems(event, starter.drivers)]),
    );
    const valid = spec.events.filter((event) => invalid.get(event.eventName)?.length === 0);
    await stopUnwanted(run, { wanted: valid, declared: spec.events });
    const failures = await startWanted(pass, valid);
    const refused = [...problems, ...Array.from(invalid.values()).flat()];
    const failing = [...failures, ...unhealthy(run)];
    const unread = valid.flatMap((event) => fieldsWithoutEffect(event, starter.drivers));
    await report(context, resource, run, { refused, failing, unread });
    if (failures.length > 0) throw new ArgosyError('UNAVAILABLE', failures.join('; '));
  }

  async function startWanted(
    pass: { key: string; run: Run; identity: EventIdentity },
    wanted: readonly WantedEvent[],
  ): Promise<string[]> {
    const failures: string[] = [];
    for (const event of wanted) {
      const before = pass.run.events.get(event.eventName);
      if (before?.fingerprint === fingerprintOf(event, pass.identity)) continue;
      try {
        const touch = (): void => options.touch(pass.key);
        const running = await startEvent(starter, pass.identity, event, touch);
        pass.run.events.set(event.eventName, running);
        await before?.driver.stop('Replaced');
      } catch (error) {
        const { message } = ArgosyError.fromUnknown(error);
        failures.push(`spec.${event.kind}.${event.eventName}: ${message}`);
      }
    }
    return failures;
  }

  async function remove(key: string, ending: Ending): Promise<void> {
    const run = runs.get(key);
    if (run === undefined) return;
    runs.delete(key);
    await Promise.all(Array.from(run.events.values(), (event) => event.driver.stop(ending)));
  }

  return {
    reconcile,
    async stopAll() {
      await Promise.all(Array.from(runs.keys(), (key) => remove(key, 'Shutdown')));
    },
    get size() {
      return Array.from(runs.values()).reduce((sum, run) => sum + run.events.size, 0);
    },
  };
}

/** Says in the status, and once in the log, what is wrong or that all is well. */
async function report(
  context: ServiceContext,
  resource: DeclaredResource,
  run: Run,
  found: { refused: readonly string[]; failing: readonly string[]; unread: readonly string[] },
): Promise<void> {
  const refused = found.refused.join('; ');
  const failing = found.failing.join('; ');
  const unread = found.unread.map((field) => `${field} has no effect here`).join('; ');
  const message = [refused, failing].filter((text) => text !== '').join('; ');
  if (message !== run.lastMessage) {
    run.lastMessage = message;
    const fields = { namespace: resource.namespace, eventSource: resource.name };
    if (message === '') context.logger.info(fields, 'the event source runs without trouble');
    else context.logger.warn({ ...fields, reason: message }, 'the event source has trouble');
  }
  const conditions: readonly ResourceCondition[] = [
    condition('SourcesProvided', refused, 'InvalidSpec'),
    condition('Deployed', failing, 'NotRunning'),
    ...(unread === ''
      ? []
      : [{ type: 'FieldsRead', ok: true, reason: 'SomeHaveNoEffect', message: unread }]),
  ];
  // Replicas may differ, as when one cannot open a port. Each writes what is new to it, once: writing whenever
  // the status says something else would set them against each other for ever.
  const told = JSON.stringify([conditions, specOf(resource.manifest)]);
  if (told === run.lastReport && hasConditions(resource.manifest)) return;
  const bucket = await context.bus.keyValue(BUCKETS.resources);
  await writeConditions(bucket, resource.key, conditions);
  run.lastReport = told;
  if (unread !== run.lastUnread && unread !== '') {
    const fields = { namespace: resource.namespace, eventSource: resource.name, reason: unread };
    context.logger.warn(fields, 'fields of the event source have no effect');
  }
  run.lastUnread = unread;
}

function specOf(manifest: unknown): unknown {
  return (manifest as { readonly spec?: unknown } | null)?.spec;
}

function hasConditions(manifest: unknown): boolean {
  const { status } = (manifest ?? {}) as { readonly status?: { readonly conditions?: unknown } };
  return Array.isArray(status?.conditions) && status.conditions.length > 0;
}

/** Stops what is no longer wanted. What is wanted with other settings is replaced when it starts. */
async function stopUnwanted(
  run: Run,
  events: { readonly wanted: readonly WantedEvent[]; readonly declared: readonly WantedEvent[] },
): Promise<void> {
  const namesOf = (list: readonly WantedEvent[]): ReadonlySet<string> =>
    new Set(list.map((event) => event.eventName));
  const [wanted, declared] = [namesOf(events.wanted), namesOf(events.declared)];
  for (const [name, event] of run.events) {
    if (wanted.has(name)) continue;
    run.events.delete(name);
    // An event whose settings are wrong now will be put right; what it made elsewhere stays.
    await event.driver.stop(declared.has(name) ? 'Shutdown' : 'Removed');
  }
}

function unhealthy(run: Run): string[] {
  return Array.from(run.events).flatMap(([name, event]) => {
    const health = event.driver.health();
    return health.kind === 'Healthy' ? [] : [`${name}: ${health.reason}`];
  });
}

function condition(type: string, trouble: string, reason: string): ResourceCondition {
  if (trouble === '') return { type, ok: true, reason: 'Ready', message: '' };
  return { type, ok: false, reason, message: trouble };
}
