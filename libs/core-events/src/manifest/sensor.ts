import type { Json, JsonObject } from '@argosy/model';

/** `and` (also when empty) or `or`. */
export type LogicalOperator = '' | 'and' | 'or';

export type Comparator = '' | '=' | '!=' | '>' | '>=' | '<' | '<=';

/** A govaluate expression over named gjson paths. */
export interface ExprFilter {
  readonly expr: string;
  readonly fields?: readonly { readonly name: string; readonly path: string }[];
}

/** Compares the value at a gjson path with any of the values. */
export interface DataFilter {
  readonly path?: string;
  readonly type?: 'bool' | 'number' | 'string';
  readonly value?: readonly string[];
  readonly comparator?: Comparator;
  readonly template?: string;
}

/** Exact attributes; id, specversion and time are ignored. */
export interface ContextFilter {
  readonly type?: string;
  readonly subject?: string;
  readonly source?: string;
  readonly datacontenttype?: string;
}

/** A window `[start, stop)` of the day, `HH:MM:SS`. */
export interface TimeFilter {
  readonly start?: string;
  readonly stop?: string;
  readonly timezone?: string;
}

export interface DependencyFilters {
  readonly exprs?: readonly ExprFilter[];
  readonly data?: readonly DataFilter[];
  readonly context?: ContextFilter;
  readonly time?: TimeFilter;
  readonly script?: string;
  readonly exprLogicalOperator?: LogicalOperator;
  readonly dataLogicalOperator?: LogicalOperator;
}

/** What a sensor waits for: events of one name from one source, changed and filtered. */
export interface Dependency {
  readonly name: string;
  readonly eventSourceName: string;
  readonly eventName: string;
  readonly transform?: { readonly jq?: string; readonly script?: string };
  readonly filters?: DependencyFilters;
  readonly filtersLogicalOperator?: LogicalOperator;
}

/** Where the value of a parameter comes from. */
export interface ParameterSource {
  readonly dependencyName: string;
  readonly dataKey?: string;
  readonly dataTemplate?: string;
  readonly contextKey?: string;
  readonly contextTemplate?: string;
  readonly value?: string;
  readonly useRawData?: boolean;
}

/** Writes a value from an event to a place (sjson path) of a trigger, resource or payload. */
export interface TriggerParameter {
  readonly src?: ParameterSource;
  readonly dest: string;
  readonly operation?: '' | 'overwrite' | 'append' | 'prepend';
}

export interface ConditionsReset {
  readonly byTime?: { readonly cron: string; readonly timezone?: string };
}

/** What to do; besides the named fields one of `argoWorkflow`, `http`, `log`, `k8s` and others. */
export interface TriggerTemplate {
  readonly name: string;
  readonly conditions?: string;
  readonly conditionsReset?: readonly ConditionsReset[];
  readonly [triggerType: string]: Json | readonly ConditionsReset[] | undefined;
}

/** Kubernetes-style back-off; `duration` is a Go duration or whole nanoseconds. */
export interface Backoff {
  readonly steps?: number;
  readonly duration?: string | number;
  readonly factor?: number | string;
  readonly jitter?: number | string;
}

export interface Trigger {
  readonly template?: TriggerTemplate;
  readonly parameters?: readonly TriggerParameter[];
  readonly policy?: JsonObject;
  readonly retryStrategy?: Backoff;
  readonly rateLimit?: { readonly unit?: string; readonly requestsPerUnit?: number };
  readonly atLeastOnce?: boolean;
  readonly dlqTrigger?: Trigger;
}

/** The parts of a Sensor's spec that the rules read. */
export interface SensorDefinition {
  readonly dependencies: readonly Dependency[];
  readonly triggers: readonly Trigger[];
  readonly eventBusName?: string;
}
