import type { Result } from '@argosy/base';
import type { ServiceContext } from '@argosy/shell';
import type { Logger } from '@argosy/telemetry';
import type { KeptObjects } from '@argosy/shell';

/** What may be read of Secrets and ConfigMaps; a value must never be logged. */
export interface ValueLookup {
  secret(namespace: string, name: string, key: string): string | undefined;
  configMap(namespace: string, name: string, key: string): string | undefined;
  /** A declared manifest by its kind, such as `WorkflowTemplate`. */
  manifest(kind: string, namespace: string, name: string): Promise<unknown>;
}

/** One trigger that is to be run for some events, with its parameters applied. */
export interface TriggerCall {
  readonly namespace: string;
  readonly sensor: string;
  readonly trigger: string;
  /** The same for every attempt and every redelivery of the same events. */
  readonly firingId: string;
  /** When the newest of the events was stored, Unix milliseconds; the same at each attempt. */
  readonly firedAtMs: number;
  /** W3C trace context to go on with. */
  readonly traceparent: string;
  /** The trigger's own settings: `template.argoWorkflow`, `template.http` … */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The trigger's `policy`. */
  readonly policy: unknown;
  /** The events as data for people, one by dependency. */
  readonly events: Readonly<Record<string, unknown>>;
  /** Applies parameters, with values out of the events, to JSON text. The error is a sentence. */
  apply(parameters: unknown, jsonText: string): Result<string, string>;
  /** Makes a JSON payload out of parameters alone. The error is a sentence. */
  payload(parameters: unknown): Result<string, string>;
  readonly signal: AbortSignal;
}

export type TriggerOutcome =
  | { readonly kind: 'Done' }
  /** It did not work; another attempt may. */
  | { readonly kind: 'Failed'; readonly reason: string }
  /** It cannot work with these settings and events; no further attempt is made. */
  | { readonly kind: 'Refused'; readonly reason: string }
  /** The bus is away: not the trigger's fault, so it counts as no attempt. */
  | { readonly kind: 'BusAway'; readonly reason: string };

/** What a kind of trigger may use; all of it belongs to the service. */
export interface TriggerEnvironment {
  readonly context: ServiceContext;
  readonly values: ValueLookup;
  /** The objects that the gateway keeps. */
  readonly objects: Pick<KeptObjects, 'get' | 'apply' | 'delete'>;
  readonly partitions: number;
  /** Where `source.file` may read; undefined: nowhere. */
  readonly filesDirectory?: string | undefined;
  readonly logger: Logger;
}

/** A kind of trigger. Running it twice for one firing id must do no more than running it once, where possible. */
export interface TriggerKind {
  /** The key in the trigger's template. */
  readonly kind: string;
  /** What is wrong with the settings; sentences. */
  problems(settings: Readonly<Record<string, unknown>>): readonly string[];
  /** Never throws. */
  run(call: TriggerCall, environment: TriggerEnvironment): Promise<TriggerOutcome>;
  /** Lets go of what it keeps open. */
  close?(): Promise<void>;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
