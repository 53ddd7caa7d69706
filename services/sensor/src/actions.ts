import { ArgosyError, assertNever, ok, type Result } from '@argosy/base';
import { pause } from '@argosy/shell';
import { traceFields } from '@argosy/telemetry';
import type { Semaphore } from './semaphore.ts';
import { firingId } from '@argosy/core-events';
import type { DeadLetters } from './dead-letters.ts';
import { createRateLimiter } from './rate-limit.ts';
import { retryWaitMs } from './retry-strategy.ts';
import type { Firing, SensorLogic, SensorTrigger } from './sensor-logic.ts';
import type { SensorMetrics, TriggerLabels } from './sensor-metrics.ts';
import {
  isRecord,
  type TriggerCall,
  type TriggerEnvironment,
  type TriggerKind,
  type TriggerOutcome,
} from './triggers/trigger.ts';

/** How a firing ended. */
export type ActionOutcome =
  /**
   * It worked, or all that was to be tried was tried and the dead letter is kept: the message may be acknowledged.
   * `error` is why a dead letter is kept.
   */
  | { readonly kind: 'Settled'; readonly error?: string }
  /** Nothing was decided: the message is to be delivered again. */
  | { readonly kind: 'Undecided'; readonly reason: string };

export interface ActionsOptions {
  readonly namespace: string;
  readonly sensor: string;
  readonly logic: SensorLogic;
  readonly kinds: ReadonlyMap<string, TriggerKind>;
  readonly environment: TriggerEnvironment;
  readonly metrics: SensorMetrics;
  readonly deadLetters: Pick<DeadLetters, 'keep'>;
  /** Bounds the attempts that are made at the same time; waits between attempts are not counted. */
  readonly semaphore: Semaphore;
  /** From 0 to 1, for the jitter. */
  readonly chance?: () => number;
}

/** Runs triggers with retries, rate limits and dead letters. */
export interface Actions {
  /**
   * Never rejects. A firing that was done in this process before is not run again; with `isRedrive` only one that
   * worked.
   */
  run(firing: Firing, signal: AbortSignal, options?: RunOptions): Promise<ActionOutcome>;
}

export interface RunOptions {
  readonly isRedrive?: boolean;
}

/** Firings that are remembered as done, so that a repeated event does not repeat its action. */
const DONE_MAX = 20_000;

type Pass = { readonly firing: Firing; readonly signal: AbortSignal };

/** How a trigger or its dead-letter trigger ended. */
type Ended =
  | { readonly kind: 'Worked' }
  | { readonly kind: 'GaveUp'; readonly error: string; readonly attempts: number }
  | { readonly kind: 'Undecided'; readonly reason: string };

export function createActions(options: ActionsOptions): Actions {
  const worked = new Set<string>();
  // Those whose dead letters are kept.
  const givenUp = new Set<string>();
  const limiters = new Map<SensorTrigger, (signal: AbortSignal) => Promise<void>>();

  function limiterOf(trigger: SensorTrigger): (signal: AbortSignal) => Promise<void> {
    const known = limiters.get(trigger) ?? createRateLimiter(trigger.rateLimit);
    limiters.set(trigger, known);
    return known;
  }

  async function runTrigger(trigger: SensorTrigger, pass: Pass): Promise<Ended> {
    const id = idOf(options, trigger, pass.firing);
    if (worked.has(id)) return { kind: 'Worked' };
    const labels = labelsOf(options, trigger);
    const startedMs = performance.now();
    const tried = await attempts(options, trigger, { ...pass, id, limiter: limiterOf(trigger) });
    const { outcome } = tried;
    options.metrics.took(labels, performance.now() - startedMs);
    switch (outcome.kind) {
      case 'Done':
        options.metrics.triggered(labels);
        remember(worked, id);
        return { kind: 'Worked' };
      case 'BusAway':
        return { kind: 'Undecided', reason: outcome.reason };
      case 'Failed':
      case 'Refused': {
        options.metrics.retriesFailed(labels);
        const fields = { trigger: trigger.name, firing: id, reason: outcome.reason };
        const trace = traceFields(pass.firing.traceparent);
        options.environment.logger.error({ ...fields, ...trace }, 'a trigger failed');
        return { kind: 'GaveUp', error: outcome.reason, attempts: tried.attempts };
      }
      default:
        return assertNever(outcome);
    }
  }

  async function run(trigger: SensorTrigger, pass: Pass): Promise<ActionOutcome> {
    const ended = await runTrigger(trigger, pass);
    if (ended.kind !== 'GaveUp') return ended.kind === 'Worked' ? { kind: 'Settled' } : ended;
    const letter =
      trigger.deadLetter === undefined ? undefined : await runTrigger(trigger.deadLetter, pass);
    if (letter?.kind === 'Undecided') return letter;
    if (letter?.kind !== 'Worked') {
      const { error, attempts: tries } = ended;
      const dlqError = letter?.error;
      try {
        await options.deadLetters.keep(pass.firing, { error, dlqError, attempts: tries });
      } catch (thrown) {
        const reason = ArgosyError.fromUnknown(thrown).message;
        return { kind: 'Undecided', reason: `the dead letter is not stored: ${reason}` };
      }
      options.metrics.kept(labelsOf(options, trigger));
    }
    remember(givenUp, pass.firing.id);
    return letter?.kind === 'Worked'
      ? { kind: 'Settled' }
      : { kind: 'Settled', error: ended.error };
  }

  return {
    async run(firing, signal, { isRedrive = false } = {}) {
      const trigger = options.logic.triggers.get(firing.trigger);
      // A trigger that was taken out of the manifest after it fired owes nothing any more.
      if (trigger === undefined) return { kind: 'Settled' };
      if (givenUp.has(firing.id) && !isRedrive) return { kind: 'Settled' };
      return run(trigger, { firing, signal });
    },
  };
}

interface Attempts extends Pass {
  readonly id: string;
  readonly limiter: (signal: AbortSignal) => Promise<void>;
}

interface Tried {
  readonly outcome: TriggerOutcome;
  readonly attempts: number;
}

/** Tries as often as the strategy says; the outcome of the last attempt. */
async function attempts(
  options: ActionsOptions,
  trigger: SensorTrigger,
  pass: Attempts,
): Promise<Tried> {
  const { retryStrategy } = trigger;
  const chance = options.chance ?? Math.random;
  for (let attempt = 1; ; attempt += 1) {
    await pass.limiter(pass.signal);
    if (pass.signal.aborted) {
      const outcome = { kind: 'BusAway', reason: 'the sensor is stopping' } as const;
      return { outcome, attempts: attempt - 1 };
    }
    const outcome = await options.semaphore.run(() => attemptOnce(options, trigger, pass));
    if (outcome.kind === 'Failed' || outcome.kind === 'Refused') {
      options.metrics.failed(labelsOf(options, trigger));
      const fields = { trigger: trigger.name, attempt, reason: outcome.reason };
      options.environment.logger.debug(fields, 'an attempt of a trigger failed');
    }
    if (outcome.kind !== 'Failed' || attempt >= retryStrategy.steps) {
      return { outcome, attempts: attempt };
    }
    await pause(retryWaitMs(retryStrategy, attempt, chance()), pass.signal);
  }
}

async function attemptOnce(
  options: ActionsOptions,
  trigger: SensorTrigger,
  pass: Attempts,
): Promise<TriggerOutcome> {
  const span = options.environment.context.tracing.startSpan(`trigger ${trigger.name}`, {
    parent: pass.firing.traceparent,
    attributes: {
      'argosy.namespace': options.namespace,
      'argosy.sensor': options.sensor,
      'argosy.trigger': trigger.name,
    },
  });
  const outcome = await call(options, trigger, { ...pass, traceparent: span.traceparent });
  span.end(outcome.kind === 'Done' ? undefined : new Error(outcome.reason));
  return outcome;
}

async function call(
  options: ActionsOptions,
  trigger: SensorTrigger,
  pass: Attempts & { readonly traceparent: string },
): Promise<TriggerOutcome> {
  const { logic, kinds, environment } = options;
  const { firing } = pass;
  const template = templateOf(logic, trigger, firing);
  if (!template.ok) return { kind: 'Refused', reason: template.error };
  const settings = template.value[trigger.kind];
  const kind = kinds.get(trigger.kind);
  if (kind === undefined || !isRecord(settings)) {
    return { kind: 'Refused', reason: `there is no trigger of the kind ${trigger.kind} here` };
  }
  const triggerCall: TriggerCall = {
    namespace: options.namespace,
    sensor: options.sensor,
    trigger: trigger.name,
    firingId: pass.id,
    firedAtMs: firing.firedMs,
    traceparent: pass.traceparent,
    settings,
    policy: trigger.policy,
    events: firing.events,
    apply: (parameters, text) => logic.apply(parameters, text, firing),
    payload: (parameters) => logic.payload(parameters, firing),
    signal: pass.signal,
  };
  try {
    return await kind.run(triggerCall, environment);
  } catch (error) {
    environment.logger.error({ err: error, trigger: trigger.name }, 'a trigger broke');
    return { kind: 'Failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The template with the parameters of its own level; without them as it is, since nobody changes it. */
function templateOf(
  logic: SensorLogic,
  { parameters, template }: SensorTrigger,
  firing: Firing,
): Result<Readonly<Record<string, unknown>>, string> {
  if (parameters === undefined) return ok(template);
  const applied = logic.apply(parameters, JSON.stringify(template), firing);
  return applied.ok ? ok(JSON.parse(applied.value) as Record<string, unknown>) : applied;
}

/** The firing's own id; for a dead letter, one made in the same way. */
function idOf(options: ActionsOptions, trigger: SensorTrigger, firing: Firing): string {
  if (trigger.name === firing.trigger) return firing.id;
  const { namespace, sensor } = options;
  return firingId({ namespace, sensor, trigger: trigger.name }, firing.events);
}

function labelsOf(options: ActionsOptions, trigger: SensorTrigger): TriggerLabels {
  const { namespace, sensor } = options;
  return { namespace, sensor_name: sensor, trigger_name: trigger.name };
}

function remember(done: Set<string>, id: string): void {
  done.add(id);
  if (done.size <= DONE_MAX) return;
  const [oldest] = done;
  if (oldest !== undefined) done.delete(oldest);
}
