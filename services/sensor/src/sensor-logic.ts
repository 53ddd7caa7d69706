import type { Result } from '@argosy/base';
import type { StoredMessage } from '@argosy/bus';
import type { RateLimit } from './rate-limit.ts';
import type { RetryStrategy } from './retry-strategy.ts';

/** An event as rules and parameters see it. */
export interface SensorEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: string;
  /** The exact text of the data; absent when there is none. */
  readonly dataText?: string;
}

/** An event that waits or fires, with where it lies in the stream. */
export interface ReceivedEvent {
  readonly event: SensorEvent;
  readonly sequence: number;
  readonly storedAtMs: number;
  readonly traceparent?: string;
}

/** A trigger that is to run, with the events that made it so, by dependency. */
export interface Firing {
  readonly trigger: string;
  readonly events: Readonly<Record<string, ReceivedEvent>>;
}

/** A dependency as far as the bus is concerned. */
export interface DependencyAddress {
  readonly name: string;
  readonly eventSource: string;
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
  /** Why dependencies did not take the event; for the log. */
  readonly dropped: readonly string[];
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
