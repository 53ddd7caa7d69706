import type { Result } from '@argosy/base';
import type { StoredMessage } from '@argosy/bus';
import type { Firing as CoreFiring } from '@argosy/core-events';
import type { RateLimit } from './rate-limit.ts';
import type { RetryStrategy } from './retry-strategy.ts';

/** A trigger that is to run, with the events that made it so. */
export interface Firing extends CoreFiring {
  readonly trigger: string;
  /** W3C trace context of the event that made it fire. */
  readonly traceparent?: string;
}

/** A dependency as far as the bus is concerned. */
export interface DependencyAddress {
  readonly name: string;
  readonly eventSourceName: string;
  readonly eventName: string;
}

/** One trigger of a sensor, checked. */
export interface SensorTrigger {
  readonly name: string;
  /** The key of the template that says what is done: `argoWorkflow`, `http` … */
  readonly kind: string;
  /** `template` with all its fields; parameters of the template level are applied to it. */
  readonly template: Readonly<Record<string, unknown>>;
  readonly parameters: unknown;
  readonly policy: unknown;
  readonly retryStrategy: RetryStrategy;
  readonly rateLimit: RateLimit;
  /** Run when all attempts failed. */
  readonly deadLetter: SensorTrigger | undefined;
}

/** The outcome of one message. */
export interface Received {
  /** What waits for other events; JSON; the same object when nothing changed. */
  readonly pending: unknown;
  readonly firings: readonly Firing[];
  readonly dropped: readonly DroppedEvent[];
}

/** A dependency did not take an event. */
export interface DroppedEvent {
  readonly dependency: string;
  /** `Filtered`: its filters said no. `Error`: a filter or transform failed, which counts as no. */
  readonly cause: 'Filtered' | 'Error';
  readonly reason: string;
}

/** The rules of one sensor, without I/O, time or chance. */
export interface SensorLogic {
  readonly dependencies: readonly DependencyAddress[];
  readonly triggers: ReadonlyMap<string, SensorTrigger>;
  /** Takes over what a former version of the sensor left, without what no longer fits. */
  adopt(pending: unknown): unknown;
  receive(pending: unknown, message: StoredMessage): Received;
  /** Applies parameters to JSON text with the values of a firing's events. */
  apply(parameters: unknown, jsonText: string, firing: Firing): Result<string, string>;
  /** A JSON payload of parameters alone. */
  payload(parameters: unknown, firing: Firing): Result<string, string>;
}
