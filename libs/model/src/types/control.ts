import type { Arguments } from './parameter.ts';
import type { ConfigMapKeySelector, LocalObjectReference } from './kubernetes.ts';
import type { IntOrString, JsonObject } from './json.ts';
import type { TemplateRef } from './template.ts';

export type RetryPolicy = 'Always' | 'OnFailure' | 'OnError' | 'OnTransientError';

/** How a node is tried again. */
export interface RetryStrategy {
  /** Retries after the first attempt; text may hold variables; absent = for ever. */
  readonly limit?: IntOrString;
  readonly retryPolicy?: RetryPolicy;
  readonly backoff?: Backoff;
  readonly affinity?: JsonObject;
  readonly expression?: string;
}

/** Waiting between attempts; durations are text such as `10`, `10s`, `1m`. */
export interface Backoff {
  readonly duration?: string;
  readonly factor?: IntOrString;
  readonly maxDuration?: string;
  readonly cap?: string;
}

/** A template run when an expression becomes true, or at the end for the hook named `exit`. */
export interface LifecycleHook {
  readonly template?: string;
  readonly arguments?: Arguments;
  readonly templateRef?: TemplateRef;
  readonly expression?: string;
}

export type LifecycleHooks = Readonly<Record<string, LifecycleHook>>;

export interface ContinueOn {
  readonly error?: boolean;
  readonly failed?: boolean;
}

/** One item of `withItems`: any JSON value; numbers are kept as text where their form matters. */
export type Item =
  string | number | boolean | null | readonly Item[] | { readonly [key: string]: Item };

/** A generated list of numbers; text may hold variables. */
export interface Sequence {
  readonly count?: IntOrString;
  readonly start?: IntOrString;
  readonly end?: IntOrString;
  readonly format?: string;
}

export interface Synchronization {
  readonly semaphores?: readonly SemaphoreRef[];
  readonly mutexes?: readonly Mutex[];
}

export interface SemaphoreRef {
  readonly configMapKeyRef?: ConfigMapKeySelector;
  readonly database?: { readonly key: string };
  readonly namespace?: string;
}

export interface Mutex {
  readonly name?: string;
  readonly namespace?: string;
  readonly database?: boolean;
}

export interface Memoize {
  readonly key: string;
  readonly cache?: { readonly configMap: ConfigMapKeySelector | LocalObjectReference };
  readonly maxAge?: string;
}

export interface Metrics {
  readonly prometheus: readonly Prometheus[];
}

export interface Prometheus {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly { readonly key: string; readonly value: string }[];
  readonly when?: string;
  readonly counter?: { readonly value: string };
  readonly gauge?: {
    readonly value: string;
    readonly realtime?: boolean;
    readonly operation?: 'Set' | 'Add' | 'Sub';
  };
  readonly histogram?: { readonly value: string; readonly buckets: readonly (number | string)[] };
}
