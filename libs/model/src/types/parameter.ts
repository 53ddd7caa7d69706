import type { Artifact } from './artifact.ts';
import type { ConfigMapKeySelector } from './kubernetes.ts';

/**
 * A parameter. After decoding every value is text: booleans and numbers of the manifest keep their
 * JSON form (`1`, `1.5`, `true`).
 */
export interface Parameter {
  readonly name: string;
  readonly default?: string;
  readonly value?: string;
  readonly valueFrom?: ValueFrom;
  readonly globalName?: string;
  readonly enum?: readonly string[];
  readonly description?: string;
}

/** Where a value comes from; exactly one of these besides `default` makes sense at a time. */
export interface ValueFrom {
  readonly path?: string;
  readonly jsonPath?: string;
  readonly jqFilter?: string;
  readonly event?: string;
  readonly parameter?: string;
  readonly supplied?: SuppliedValueFrom;
  readonly configMapKeyRef?: ConfigMapKeySelector;
  readonly default?: string;
  readonly expression?: string;
}

/** Present = the value is given by a person while the node is suspended. */
export type SuppliedValueFrom = Readonly<Record<string, never>>;

export interface Arguments {
  readonly parameters?: readonly Parameter[];
  readonly artifacts?: readonly Artifact[];
}

export interface Inputs {
  readonly parameters?: readonly Parameter[];
  readonly artifacts?: readonly Artifact[];
}

export interface Outputs {
  readonly parameters?: readonly Parameter[];
  readonly artifacts?: readonly Artifact[];
  readonly result?: string;
  readonly exitCode?: string;
}
