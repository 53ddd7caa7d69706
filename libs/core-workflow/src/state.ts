import type { Artifact, NodePhase, NodeType, WorkflowPhase } from '@argosy/model';
import type { CancelReason, NodeOutputs, NodeRelation } from './facts.ts';
import type { RunHeader } from './input.ts';
import type { LockKey } from './locks/lock-key.ts';
import type { MemoQuery } from './memo.ts';
import type { MetricSample } from './metric.ts';
import type { DagPlan } from './plan/dag.ts';
import type { PlanTable } from './plan/table.ts';
import type { ReusedPod } from './resubmission.ts';
import type { TimerHeap } from './timers.ts';

/** Children of a StepGroup or TaskGroup, made in the order of their positions. */
export interface GroupRuntime {
  readonly kind: 'Group';
  /** Node indexes in order of position. */
  readonly children: number[];
  /** How many children there will be; grows when a loop is spread. */
  total: number;
  /** Children that are not settled. */
  open: number;
  /** Items of the loops as JSON text, by slot. */
  readonly loops: (readonly string[] | undefined)[];
  /** Positions whose node was dropped and is to be made again, in order. */
  holes: number[];
  /** First child that could not even be started. */
  error: number;
  /** Aggregated outputs, kept once somebody asked for them. */
  aggregate: unknown;
}

export interface StepsRuntime {
  readonly kind: 'Steps';
  readonly groups: number[];
  /** Active Pod, Steps and DAG children, for the template's parallelism. */
  active: number;
  /** A child failed or errored, for the template's failFast. */
  failed: boolean;
  /** Daemons that run until this node ends. */
  readonly daemons: number[];
  /** Managers of children that wait for the template's parallelism, longest first. */
  readonly waiters: number[];
}

export interface DagRuntime {
  readonly kind: 'DAG';
  readonly dag: DagPlan;
  /** Node of each task, -1 before it has one. */
  readonly taskNodes: Int32Array;
  /** How many dependencies of each task are not settled. */
  readonly waiting: Int32Array;
  /** Tasks whose dependencies are all settled, in the order they became so. */
  readonly ready: number[];
  /** The first of `ready` without a node. */
  readyHead: number;
  /** Settled tasks. */
  settled: number;
  /** Tasks with a node that is not settled. */
  open: number;
  active: number;
  failed: boolean;
  readonly daemons: number[];
  readonly waiters: number[];
}

export interface RetryRuntime {
  readonly kind: 'Retry';
  readonly attempts: number[];
}

export type Runtime = GroupRuntime | StepsRuntime | DagRuntime | RetryRuntime;

/** Hooks of a node or of the run that have been started. */
export interface HookRuntime {
  /** Hook name → node. */
  readonly started: Map<string, number>;
  open: number;
}

/** One node. Flat on purpose: there may be a hundred thousand of them. */
export interface NodeRecord {
  readonly index: number;
  readonly type: NodeType;
  readonly relation: NodeRelation;
  readonly parent: number;
  /** Enclosing Steps or DAG node; for containers the pod. -1 for none. */
  readonly boundary: number;
  readonly slot: number;
  readonly item: number;
  readonly plan: number;
  readonly label: string;
  /** Nesting of templates, bounded. */
  readonly depth: number;
  /** Part of an exit handler, so that Stop and the deadline spare it. */
  readonly inExit: boolean;
  phase: NodePhase;
  message: string;
  /** Finished and no hook left to wait for. */
  settled: boolean;
  dirty: boolean;
  dropped: boolean;
  createdAt: number;
  startedAt: number;
  finishedAt: number;
  /** Instant of the node's own timer; 0 for none. */
  until: number;
  parameters: readonly (string | null)[];
  artifacts: readonly Artifact[];
  outputs: NodeOutputs | undefined;
  runtime: Runtime | undefined;
  hooks: HookRuntime | undefined;
  hostNodeName: string;
  podIP: string;
  progress: string;
  daemoned: boolean;
}

export type OutboxEntry =
  | { readonly kind: 'Run'; readonly node: number }
  | { readonly kind: 'Cancel'; readonly node: number; readonly reason: CancelReason }
  | { readonly kind: 'Acquire'; readonly node: number }
  | { readonly kind: 'Release'; readonly holder: string }
  | { readonly kind: 'LookUp'; readonly node: number }
  | { readonly kind: 'Save'; readonly node: number }
  | { readonly kind: 'Metrics'; readonly node: number; readonly samples: readonly MetricSample[] };

/** Locks that a node or the run has asked for and not given back. */
export interface LockHold {
  readonly holder: string;
  readonly locks: readonly LockKey[];
  granted: boolean;
  /** Name of the lock that is waited for, empty when it is not known; and who has it. */
  waitingFor: string;
  heldBy: readonly string[];
}

/** What a node waits for before it starts. */
export interface GateRecord {
  stage: 'Locks' | 'Memo' | 'Open';
  readonly memo: MemoQuery | undefined;
  /** The node had been started before, and runs again by a manual retry; what is below it waits as well. */
  readonly isReopened: boolean;
}

/** A memoized node: what it asked for, and whether it was there once that is known. */
export interface MemoRecord {
  readonly query: MemoQuery;
  hit: boolean | undefined;
}

/** What is the same for all nodes of a run. Made when the run is submitted. */
export interface RunContext {
  readonly run: RunHeader;
  readonly table: PlanTable;
  /** Tag → text, such as `workflow.name`; grows with the workflow's outputs. */
  readonly globals: Map<string, string>;
  /** Results of a former run that count in this one, by path; undefined in nearly all runs. */
  readonly reused: ReadonlyMap<string, ReusedPod> | undefined;
  /** Changes whenever the globals do. */
  globalsVersion: number;
}

/** The state of one run. Owned by the machine: only `evolve` and `step` change it. */
export interface RunState {
  context: RunContext | undefined;
  phase: WorkflowPhase;
  message: string;
  startedAt: number;
  finishedAt: number;
  suspended: boolean;
  shutdown: '' | 'Stop' | 'Terminate';
  shutdownMessage: string;
  deadlineReached: boolean;
  labels: Readonly<Record<string, string>>;
  readonly nodes: NodeRecord[];
  root: number;
  hooks: HookRuntime;
  /** Containers that may be able to go on; each at most once. */
  dirty: number[];
  /** The run itself may be able to go on. */
  runDirty: boolean;
  /** Leaves that have not finished, suspended nodes included. */
  readonly active: Set<number>;
  /** Pods that have not finished, for the run's parallelism. */
  activePods: number;
  /** Managers of children that wait for the run's parallelism, longest first. */
  waiters: number[];
  readonly timers: TimerHeap;
  readonly outputs: {
    readonly parameters: Map<string, string>;
    readonly artifacts: Map<string, Artifact>;
  };
  /** Nodes that wait before their start, by index. */
  readonly gates: Map<number, GateRecord>;
  /** By node index, -1 for the run. */
  readonly holds: Map<number, LockHold>;
  /** Locks of the nodes that have asked for some, kept for a manual retry. */
  readonly lockKeys: Map<number, readonly LockKey[]>;
  readonly memos: Map<number, MemoRecord>;
  /** Instants at which tasks that nobody has started are given up, by node index. */
  readonly pendingUntil: Map<number, number>;
  /** How often the run was retried by hand: part of the names of its lock holders. */
  retries: number;
  /** Why a metric could not be told; empty when all could. */
  metricsError: string;
  outbox: OutboxEntry[];
  /** Instant of the last WakeAt handed out. */
  wakeAt: number | undefined;
  leavesDone: number;
  leavesTotal: number;
}

/** A state before anything happened. */
export function initialState(): RunState {
  return {
    context: undefined,
    phase: '',
    message: '',
    startedAt: 0,
    finishedAt: 0,
    suspended: false,
    shutdown: '',
    shutdownMessage: '',
    deadlineReached: false,
    labels: {},
    nodes: [],
    root: -1,
    hooks: { started: new Map(), open: 0 },
    dirty: [],
    runDirty: false,
    active: new Set(),
    activePods: 0,
    waiters: [],
    timers: { entries: [] },
    outputs: { parameters: new Map(), artifacts: new Map() },
    gates: new Map(),
    holds: new Map(),
    lockKeys: new Map(),
    memos: new Map(),
    pendingUntil: new Map(),
    retries: 0,
    metricsError: '',
    outbox: [],
    wakeAt: undefined,
    leavesDone: 0,
    leavesTotal: 0,
  };
}

/** The node of an index. @throws Error when there is none: indexes come from facts, so that is a bug. */
export function nodeAt(state: RunState, index: number): NodeRecord {
  const node = state.nodes[index];
  if (node === undefined) throw new Error(`no node ${index} among ${state.nodes.length}`);
  return node;
}

/** The run's context. @throws Error before the run was submitted. */
export function contextOf(state: RunState): RunContext {
  if (state.context === undefined) throw new Error('the run was not submitted yet');
  return state.context;
}

/** The node has reached its end. */
export function isFulfilled(phase: NodePhase): boolean {
  return phase !== '' && phase !== 'Pending' && phase !== 'Running';
}

export function isFailedOrError(phase: NodePhase): boolean {
  return phase === 'Failed' || phase === 'Error';
}

/** The node ran to an end of its own (not skipped, not omitted). */
export function isCompleted(phase: NodePhase): boolean {
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Error';
}

/** A leaf that an executor runs. */
export function isTaskType(type: NodeType): boolean {
  return type === 'Pod' || type === 'HTTP' || type === 'Plugin';
}

export function groupOf(node: NodeRecord): GroupRuntime {
  if (node.runtime?.kind !== 'Group') throw new Error(`node ${node.index} is no group`);
  return node.runtime;
}

export function stepsRuntimeOf(node: NodeRecord): StepsRuntime {
  if (node.runtime?.kind !== 'Steps') throw new Error(`node ${node.index} is no Steps node`);
  return node.runtime;
}

export function dagRuntimeOf(node: NodeRecord): DagRuntime {
  if (node.runtime?.kind !== 'DAG') throw new Error(`node ${node.index} is no DAG node`);
  return node.runtime;
}

export function retryRuntimeOf(node: NodeRecord): RetryRuntime {
  if (node.runtime?.kind !== 'Retry') throw new Error(`node ${node.index} is no Retry node`);
  return node.runtime;
}
