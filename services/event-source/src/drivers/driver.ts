import type { CloudEvent } from '@argosy/api';
import type { Logger } from '@argosy/telemetry';

/** What a driver hands over for each thing that happened outside. */
export interface EventToEmit {
  /** The event's data: UTF-8 text of a JSON object, unless it has attributes of its own. */
  readonly data: Uint8Array;
  /**
   * 32 hexadecimal digits that are the same for every delivery of the same thing, so that the bus drops
   * repetitions. Default: a new id.
   */
  readonly id?: string;
  /** W3C trace context that came with the thing. */
  readonly traceparent?: string;
  /** When it happened, Unix milliseconds; default now. */
  readonly timeMs?: number;
  /**
   * Of something that came as a CloudEvent: it is passed on as it is, under its `id`. What is not there of
   * subject and time is made up as for other events.
   */
  readonly attributes?: Omit<CloudEvent, 'id' | 'data'>;
}

/** The event is safe in the bus, or the user's filter dropped it. */
export type EmitOutcome =
  { readonly kind: 'Stored'; readonly duplicate: boolean } | { readonly kind: 'Filtered' };

/** A small value per event that outlives the process: how far the driver has got. */
export interface CheckpointStore {
  load(): Promise<Uint8Array | undefined>;
  save(value: Uint8Array): Promise<void>;
}

/** Which key of which Secret in the event source's namespace. */
export interface SecretSelector {
  readonly name: string;
  readonly key: string;
}

/** What a driver may use. All of it belongs to the caller. */
export interface DriverContext {
  readonly namespace: string;
  readonly eventSource: string;
  readonly eventName: string;
  /**
   * Resolves only when the bus has stored the event (or the filter dropped it).
   * @throws ArgosyError when it is not stored; the driver then must not tell the origin that all is well.
   */
  emit(event: EventToEmit, signal?: AbortSignal): Promise<EmitOutcome>;
  /** Something came from outside that could not be made into an event; counted. */
  refused(): void;
  readonly checkpoint: CheckpointStore;
  /** The value of a secret now, or undefined when there is none. Never log it. */
  secret(selector: SecretSelector): string | undefined;
  /** To be called after each change of `health()`. */
  healthChanged(): void;
  readonly logger: Logger;
}

export type DriverHealth =
  | { readonly kind: 'Healthy' }
  /** A sentence that says what is wrong and what to do. */
  | { readonly kind: 'Failing'; readonly reason: string };

/**
 * Why a driver stops: its event is in the manifest no more, it was started anew with other settings, or
 * this replica ends or passes the work on.
 */
export type Ending = 'Removed' | 'Replaced' | 'Shutdown';

export interface RunningDriver {
  health(): DriverHealth;
  /**
   * Takes nothing new, finishes what it holds, then resolves.
   * @param ending default `Shutdown`; things made elsewhere may be taken away only when it is `Removed`.
   */
  stop(ending?: Ending): Promise<void>;
}

/** Where an event runs: on each replica of the service, or on the one that holds the lease. */
export type RunsOn = 'EveryReplica' | 'OneReplica';

/** One kind of event source. A driver is shared by all event sources of its kind. */
export interface Driver {
  /** The key in the EventSource's spec, which is also the type of its CloudEvents. */
  readonly kind: string;
  /** Where its events run; a function where that depends on the settings, which have no problems then. */
  readonly runsOn: RunsOn | ((settings: unknown) => RunsOn);
  /** What is wrong with the settings of one event; sentences. */
  problems(settings: unknown): readonly string[];
  /**
   * Starts one event with settings that have no problems. Restarts with changed settings overlap: the
   * new one is started before the old one is stopped.
   * @throws ArgosyError when it cannot be started now; it is tried again later.
   */
  start(settings: unknown, context: DriverContext): Promise<RunningDriver>;
}
