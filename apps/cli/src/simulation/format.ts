// What a simulation file holds, as it is after `readSimulation` has checked it. schema.ts is the same for editors.

/** A text, or what YAML makes of one that looks like a number, a list or a map: those count as their JSON text. */
export type Value = string | number | boolean | null | readonly Value[] | ValueMap;
export interface ValueMap {
  readonly [name: string]: Value;
}

/** How a leaf ends, or how a suspended node is answered. */
export interface Outcome {
  /** Default: Succeeded; with an exit code other than 0, Failed. */
  readonly phase?: 'Succeeded' | 'Failed' | 'Error';
  readonly message?: string;
  readonly exitCode?: number;
  /** Time it takes; of a suspended node, time until it is answered. A Go duration, or seconds. */
  readonly duration?: string | number;
  readonly result?: Value;
  /** Output parameters. */
  readonly outputs?: ValueMap;
  /** Output artifacts that are there: names, or names with content. Default: all that are declared. */
  readonly artifacts?: readonly string[] | Readonly<Record<string, string>>;
  /** Never gets beyond this phase by itself. */
  readonly stays?: 'Pending' | 'Running';
}

/** Which nodes are meant; all that is given has to match. */
export interface NodeMatch {
  readonly template?: string;
  /** What people see, with or without the number of the attempt. */
  readonly name?: string;
  /** The full name: `wf[0].build`. */
  readonly node?: string;
  /** Labels in the metadata of the template. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Values of input parameters. */
  readonly inputs?: ValueMap;
}

export interface Mock extends NodeMatch, Outcome {
  /** One outcome for each time a node is run; the last one stays. What it leaves open is taken from the mock. */
  readonly attempts?: readonly Outcome[];
}

export type EventAction = 'suspend' | 'resume' | 'stop' | 'terminate' | 'retry' | 'set';

/** What somebody does while the workflow runs. */
export interface SimulatedEvent {
  /** Virtual time since the begin; `end`: as soon as the run has ended. */
  readonly at: string | number;
  readonly do: EventAction;
  readonly nodeFieldSelector?: string;
  readonly message?: string;
  readonly phase?: 'Succeeded' | 'Failed' | 'Error' | 'Skipped' | 'Omitted';
  readonly outputs?: ValueMap;
  readonly parameters?: ValueMap;
  readonly restartSuccessful?: boolean;
}

/** A remembered result. */
export interface CachedResult {
  readonly result?: Value;
  readonly outputs?: ValueMap;
  /** How long ago it was saved when the run begins; default 0. */
  readonly age?: string | number;
}

/** A lock that somebody else has when the run begins. */
export interface HeldLock {
  readonly mutex?: string;
  /** `configmap/key`, or the key of a limit of the sync API. */
  readonly semaphore?: string;
  /** Default: for ever. */
  readonly for?: string | number;
}

/** A metric that has to be told. */
export interface MetricExpectation {
  readonly value?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What has to be true of nodes. Texts between slashes are regular expressions. */
export interface NodeExpectation {
  readonly phase?: string;
  readonly message?: string;
  readonly type?: string;
  readonly template?: string;
  readonly inputs?: ValueMap;
  readonly outputs?: ValueMap;
  readonly result?: Value;
  readonly exitCode?: number;
  /** Its result came from a cache (true), or was looked for in vain (false). */
  readonly memoized?: boolean;
  /** How many nodes have the name. */
  readonly count?: number;
  /** How many attempts a retried node made. */
  readonly attempts?: number;
}

export interface Expectation {
  readonly phase?: string;
  readonly message?: string;
  readonly progress?: string;
  readonly outputs?: ValueMap;
  /** By display name or full name, with `*`; a word alone is the phase. */
  readonly nodes?: Readonly<Record<string, string | NodeExpectation>>;
  /** Each ends before the next one begins. */
  readonly order?: readonly string[] | readonly (readonly string[])[];
  /** Nodes that are absent, skipped or omitted. */
  readonly never?: readonly string[];
  /** By name; a number alone is the value. */
  readonly metrics?: Readonly<Record<string, number | MetricExpectation>>;
  /** Most tasks that may run at the same time. */
  readonly maxParallel?: number;
  /** Virtual time from begin to end. */
  readonly duration?:
    string | number | { readonly min?: string | number; readonly max?: string | number };
}

/** What a case and the whole file have in common. */
export interface Setting {
  /** `kind/name` of what is run, where the manifests leave a choice. */
  readonly from?: string;
  /** Name of the run. */
  readonly name?: string;
  /** The instant at which it is submitted, RFC 3339. */
  readonly start?: string;
  /** Virtual time after which the simulation is given up; default 30 days. */
  readonly until?: string | number;
  readonly parameters?: ValueMap;
  readonly configMaps?: Readonly<Record<string, ValueMap>>;
  /** Remembered results by cache (ConfigMap) and key. */
  readonly memo?: Readonly<Record<string, Readonly<Record<string, CachedResult>>>>;
  /** Limits of semaphores of the sync API by key; those of ConfigMaps come from `configMaps`. */
  readonly semaphores?: Readonly<Record<string, number>>;
  /** Locks that others have. */
  readonly held?: readonly HeldLock[];
  /** A leaf that no mock means is an error; by default it succeeds. */
  readonly strict?: boolean;
  readonly mocks?: readonly Mock[];
  readonly events?: readonly SimulatedEvent[];
  readonly expect?: Expectation;
}

export interface Case extends Setting {
  readonly case: string;
}

export interface SimulationFile extends Setting {
  /** Manifests, relative to this file. */
  readonly manifests?: readonly string[];
  readonly cases?: readonly Case[];
}
