import type { JsonObject } from './json.ts';
import type { ObjectMeta } from './kubernetes.ts';

/** Argo Events' EventSource; the fields of each source kind are the driver's own. */
export interface EventSource {
  readonly apiVersion: 'argoproj.io/v1alpha1';
  readonly kind: 'EventSource';
  readonly metadata: ObjectMeta;
  readonly spec: EventSourceSpec;
  readonly status?: JsonObject;
}

/** Besides the named fields: source kind (`webhook`, `calendar` …) → event name → settings. */
export interface EventSourceSpec {
  readonly eventBusName?: string;
  readonly replicas?: number;
  readonly service?: JsonObject;
  readonly template?: JsonObject;
  readonly [sourceKind: string]: unknown;
}

export interface Sensor {
  readonly apiVersion: 'argoproj.io/v1alpha1';
  readonly kind: 'Sensor';
  readonly metadata: ObjectMeta;
  readonly spec: SensorSpec;
  readonly status?: JsonObject;
}

export interface SensorSpec {
  readonly dependencies?: readonly JsonObject[];
  readonly triggers?: readonly JsonObject[];
  readonly errorOnFailedRound?: boolean;
  readonly eventBusName?: string;
  readonly replicas?: number;
  readonly revisionHistoryLimit?: number;
  readonly loggingFields?: Readonly<Record<string, string>>;
  readonly template?: JsonObject;
}

export interface EventBus {
  readonly apiVersion: 'argoproj.io/v1alpha1';
  readonly kind: 'EventBus';
  readonly metadata: ObjectMeta;
  readonly spec: JsonObject;
  readonly status?: JsonObject;
}
