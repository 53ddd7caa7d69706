import {
  resetPlan,
  triggerDefinition,
  validateSensor,
  type Dependency,
  type Trigger,
} from '@argosy/core-events';
import { parseRateLimit, type RateLimit } from '../rate-limit.ts';
import { parseRetryStrategy, SINGLE_ATTEMPT, type RetryStrategy } from '../retry-strategy.ts';
import type { SensorTrigger } from '../sensor-logic.ts';
import { isRecord, type TriggerKind } from '../triggers/trigger.ts';
import type { WaitingTrigger } from './pending.ts';

type JsonRecord = Readonly<Record<string, unknown>>;

/** A Sensor's spec, read and checked. Triggers with problems are left out. */
export interface SensorSpec {
  readonly eventBus: string;
  readonly dependencies: readonly Dependency[];
  readonly triggers: readonly (SensorTrigger & WaitingTrigger)[];
}

/** Names the sensor whose spec is read. */
export interface SensorName {
  readonly namespace: string;
  readonly name: string;
}

const DEFAULT_EVENT_BUS = 'default';

/** Reads a manifest; problems are sentences that name the field. */
export function readSensorSpec(
  sensor: SensorName,
  manifest: unknown,
  kinds: ReadonlyMap<string, TriggerKind>,
): { readonly spec: SensorSpec; readonly problems: readonly string[] } {
  const given = isRecord(manifest) && isRecord(manifest['spec']) ? manifest['spec'] : {};
  const problems: string[] = [];
  const dependencies = recordsOf(given['dependencies']).flatMap(readDependency);
  for (const { path, message } of validateSensor(manifest)) {
    if (path.startsWith('spec.dependencies')) problems.push(`${path}: ${message}`);
  }
  const triggers = recordsOf(given['triggers']).flatMap((trigger, index) => {
    const reader = { sensor, dependencies, kinds, at: `spec.triggers[${index}]`, problems };
    return readTrigger(trigger, reader);
  });
  if (recordsOf(given['triggers']).length === 0) {
    problems.push('spec.triggers: there are none; add one');
  }
  const busName = given['eventBusName'];
  const eventBus = typeof busName === 'string' && busName !== '' ? busName : DEFAULT_EVENT_BUS;
  const spec = { eventBus, dependencies, triggers: withoutTwins(triggers, problems) };
  return { spec, problems };
}

/** A dependency that can be listened to. Its filters are checked where they are judged as well. */
function readDependency(dependency: JsonRecord): readonly Dependency[] {
  const { name, eventSourceName, eventName } = dependency;
  const isComplete = [name, eventSourceName, eventName].every(
    (value) => typeof value === 'string' && value !== '',
  );
  return isComplete ? [dependency as unknown as Dependency] : [];
}

/** Two triggers of one name would share their events and their firings; the first one has it. */
function withoutTwins<T extends { readonly name: string }>(
  triggers: readonly T[],
  problems: string[],
): readonly T[] {
  const seen = new Set<string>();
  return triggers.filter(({ name }) => {
    if (seen.has(name)) problems.push(`spec.triggers: the name ${name} is given twice`);
    return seen.has(name) ? false : seen.add(name);
  });
}

interface TriggerReader {
  readonly sensor: SensorName;
  readonly dependencies: readonly Dependency[];
  readonly kinds: ReadonlyMap<string, TriggerKind>;
  readonly at: string;
  readonly problems: string[];
}

function readTrigger(
  manifest: JsonRecord,
  reader: TriggerReader,
): readonly (SensorTrigger & WaitingTrigger)[] {
  const { at, problems } = reader;
  const before = problems.length;
  const trigger = manifest as Trigger;
  const template = isRecord(manifest['template']) ? manifest['template'] : {};
  const body = readBody(manifest, template, reader);
  const definition = triggerDefinition(reader.sensor, reader, trigger);
  if (!definition.ok) problems.push(`${at}.template.conditions: ${definition.error}`);
  const resets = resetPlan(trigger.template?.conditionsReset ?? []);
  if (!resets.ok) problems.push(`${at}.template.conditionsReset: ${resets.error}`);
  if (body === undefined || !definition.ok || !resets.ok || problems.length > before) return [];
  return [{ ...body, definition: definition.value, resets: resets.value }];
}

/** Everything of a trigger but its condition; a dead letter has no condition of its own. */
function readBody(
  trigger: JsonRecord,
  template: JsonRecord,
  reader: TriggerReader,
): SensorTrigger | undefined {
  const { kinds, at, problems } = reader;
  const name = template['name'];
  const kind = Array.from(kinds.values()).find((known) => isRecord(template[known.kind]));
  if (typeof name !== 'string' || name === '') problems.push(`${at}.template.name must be set`);
  if (kind === undefined) {
    const known = Array.from(kinds.keys()).join(', ');
    problems.push(`${at}.template: none of the triggers known here is set (${known})`);
    return undefined;
  }
  const settings = template[kind.kind] as JsonRecord;
  // Parameters of the template level may still put right what looks wrong now.
  if (trigger['parameters'] === undefined) {
    for (const problem of kind.problems(settings)) {
      problems.push(`${at}.template.${kind.kind}.${problem}`);
    }
  }
  const limits = readLimits(trigger, reader);
  const letter = isRecord(trigger['dlqTrigger']) ? trigger['dlqTrigger'] : undefined;
  const deadLetter =
    letter === undefined
      ? undefined
      : readBody(letter, isRecord(letter['template']) ? letter['template'] : {}, {
          ...reader,
          at: `${at}.dlqTrigger`,
        });
  return {
    name: String(name),
    kind: kind.kind,
    template,
    parameters: trigger['parameters'],
    policy: trigger['policy'],
    ...limits,
    deadLetter,
  };
}

function readLimits(
  trigger: JsonRecord,
  { at, problems }: TriggerReader,
): { readonly retryStrategy: RetryStrategy; readonly rateLimit: RateLimit } {
  const retryStrategy = parseRetryStrategy(trigger['retryStrategy']);
  const rateLimit = parseRateLimit(trigger['rateLimit']);
  for (const parsed of [retryStrategy, rateLimit]) {
    if ('problem' in parsed) problems.push(`${at}.${parsed.problem}`);
  }
  return {
    retryStrategy: 'problem' in retryStrategy ? SINGLE_ATTEMPT : retryStrategy,
    rateLimit: 'problem' in rateLimit ? { spacingMs: 0 } : rateLimit,
  };
}

function recordsOf(value: unknown): readonly JsonRecord[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
