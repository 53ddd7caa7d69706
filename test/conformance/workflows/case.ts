import type { ConformanceCase } from '../adapter.ts';

/** A case of the workflows corpus; the format is in the corpus' README. */
export interface WorkflowCase extends ConformanceCase {
  readonly file: string;
  readonly setup?: readonly string[];
  readonly submit?: {
    readonly parameters?: Readonly<Record<string, unknown>>;
    readonly fromTemplate?: string | boolean;
    readonly mode?: string;
    readonly scheduledTime?: string;
    readonly workflowDefaults?: unknown;
  };
  readonly actions?: readonly CaseAction[];
  readonly needs?: readonly string[];
  readonly simulate?: unknown;
  readonly expect: Expectation;
}

/** What is done to a run while it goes on. */
export interface CaseAction {
  readonly when: string;
  readonly do: string;
  readonly nodeFieldSelector?: string;
  readonly restartSuccessful?: boolean;
  readonly memoized?: boolean;
  readonly message?: string;
  readonly outputs?: { readonly parameters?: Readonly<Record<string, unknown>> };
  readonly error?: string;
}

/** Facts that must hold at the end. */
export interface Expectation {
  readonly valid?: boolean;
  readonly error?: string;
  readonly phase?: string;
  readonly phaseIn?: readonly string[];
  readonly message?: string;
  readonly message_empty?: boolean;
  readonly nodes?: readonly NodeExpectation[];
  readonly nodeCounts?: Readonly<Record<string, number>>;
  readonly absentNodes?: readonly string[];
  readonly absentNameContains?: string;
  readonly outputs?: { readonly parameters?: Readonly<Record<string, unknown>> };
  readonly logs?: Readonly<Record<string, string>>;
  readonly progress?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly maxParallel?: number;
  readonly maxSeconds?: number;
  readonly maxNodes?: number;
  readonly memoizationHits?: number;
  readonly namePattern?: string;
  readonly deleted?: boolean;
  readonly rerun?: readonly string[];
  readonly notRerun?: readonly string[];
  readonly cron?: unknown;
  readonly events?: readonly string[];
  readonly [key: string]: unknown;
}

/** Some node must match all keys that are given. */
export interface NodeExpectation {
  readonly displayName?: string;
  readonly nameContains?: string;
  readonly displayNamePrefix?: string;
  readonly type?: string;
  readonly phase?: string;
  readonly message?: string;
  readonly messageIs?: 'literal';
  readonly inputs?: ParameterExpectation;
  readonly outputs?: ParameterExpectation & {
    readonly result?: string;
    readonly exitCode?: string | number;
  };
  readonly children?: number;
  readonly childIds?: readonly string[];
  readonly nodeFlag?: Readonly<Record<string, boolean>>;
  readonly templateScope?: string;
  readonly memoized?: boolean;
}

export interface ParameterExpectation {
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly parametersInOrder?: readonly unknown[];
  readonly parametersMatch?: Readonly<Record<string, string>>;
  readonly enumOf?: Readonly<Record<string, readonly unknown[]>>;
}
