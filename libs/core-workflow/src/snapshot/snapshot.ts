import { err, fnv1a32, ok, type Result } from '@argosy/base';
import { evolve } from '../evolve/index.ts';
import type { RunHeader } from '../input.ts';
import { contextOf, initialState, type RunContext, type RunState } from '../state.ts';
import { NODE_FIELDS, nodesFromData, packedColumns, type NodesData } from './node-columns.ts';
import { hooksFromData, hooksToData, runtimeFields } from './runtime.ts';

/** Raised when the same fields come to mean something else. */
const MEANING = 1;

/** A state as plain data; only this version's `stateFromSnapshot` understands what is in it. */
export interface StateSnapshot {
  /** Which fields there are and what they mean; see `SNAPSHOT_FORM`. */
  readonly form: number;
  readonly state: StateData;
}

type StateData = { readonly [Field in keyof RunState]-?: unknown };

interface ContextData {
  readonly run: RunHeader;
  readonly globals: readonly (readonly [string, string])[];
  readonly globalsVersion: number;
}

/** Changes with the fields that are kept: a snapshot of another form is worthless, and the facts are folded instead. */
export const SNAPSHOT_FORM = fnv1a32(
  [MEANING, ...NODE_FIELDS, ...runtimeFields(), ...Object.keys(initialState())].join(),
);

/**
 * The snapshot as JSON, piece by piece, none of which takes long to make. The state must not move on before the last one.
 * @throws Error before the run was submitted.
 */
export function* snapshotText(state: RunState): Generator<string> {
  const text = JSON.stringify({ form: SNAPSHOT_FORM, state: dataOf(state) });
  // The two braces at the end are written when the nodes are in.
  yield `${text.slice(0, -2)},"nodes":{"count":${state.nodes.length},"columns":{`;
  let separator = '';
  for (const [field, column] of packedColumns(state.nodes)) {
    yield `${separator}${JSON.stringify(field)}:${JSON.stringify(column)}`;
    separator = ',';
  }
  yield '}}}}';
}

function dataOf(state: RunState): StateData {
  const { run, globals, globalsVersion } = contextOf(state);
  const context: ContextData = { run, globals: [...globals], globalsVersion };
  return {
    context,
    phase: state.phase,
    message: state.message,
    startedAt: state.startedAt,
    finishedAt: state.finishedAt,
    suspended: state.suspended,
    shutdown: state.shutdown,
    shutdownMessage: state.shutdownMessage,
    deadlineReached: state.deadlineReached,
    labels: state.labels,
    // Written behind all else, for there are many.
    nodes: undefined,
    root: state.root,
    hooks: hooksToData(state.hooks),
    dirty: state.dirty,
    runDirty: state.runDirty,
    active: [...state.active],
    activePods: state.activePods,
    waiters: state.waiters,
    timers: state.timers,
    outputs: {
      parameters: [...state.outputs.parameters],
      artifacts: [...state.outputs.artifacts],
    },
    gates: [...state.gates],
    holds: [...state.holds],
    lockKeys: [...state.lockKeys],
    memos: [...state.memos],
    pendingUntil: [...state.pendingUntil],
    retries: state.retries,
    metricsError: state.metricsError,
    outbox: state.outbox,
    // Whoever takes the run over has to set its timer again.
    wakeAt: undefined,
    leavesDone: state.leavesDone,
    leavesTotal: state.leavesTotal,
  };
}

/** The state that a snapshot was made of; the error says why it is not one of this version. */
export function stateFromSnapshot(snapshot: unknown): Result<RunState, string> {
  const { form, state: data } = (snapshot ?? {}) as Partial<StateSnapshot>;
  if (data === undefined) return err('it is no snapshot of a run');
  if (form !== SNAPSHOT_FORM) return err('it has the form of another version');
  const kept = data as KeptState;
  const state: RunState = {
    context: contextFrom(kept.context),
    phase: kept.phase,
    message: kept.message,
    startedAt: kept.startedAt,
    finishedAt: kept.finishedAt,
    suspended: kept.suspended,
    shutdown: kept.shutdown,
    shutdownMessage: kept.shutdownMessage,
    deadlineReached: kept.deadlineReached,
    labels: kept.labels,
    nodes: [],
    root: kept.root,
    hooks: hooksFromData(kept.hooks),
    dirty: kept.dirty,
    runDirty: kept.runDirty,
    active: new Set(kept.active),
    activePods: kept.activePods,
    waiters: kept.waiters,
    timers: kept.timers,
    outputs: {
      parameters: new Map(kept.outputs.parameters),
      artifacts: new Map(kept.outputs.artifacts),
    },
    gates: new Map(kept.gates),
    holds: new Map(kept.holds),
    lockKeys: new Map(kept.lockKeys),
    memos: new Map(kept.memos),
    pendingUntil: new Map(kept.pendingUntil),
    retries: kept.retries,
    metricsError: kept.metricsError,
    outbox: kept.outbox,
    wakeAt: undefined,
    leavesDone: kept.leavesDone,
    leavesTotal: kept.leavesTotal,
  };
  nodesFromData(state, kept.nodes);
  return ok(state);
}

/** What is kept in another shape than it has in the state. */
interface Reshaped {
  readonly context: ContextData;
  readonly nodes: NodesData;
  readonly hooks: unknown;
  readonly active: readonly number[];
  readonly gates: EntriesOf<RunState['gates']>;
  readonly holds: EntriesOf<RunState['holds']>;
  readonly lockKeys: EntriesOf<RunState['lockKeys']>;
  readonly memos: EntriesOf<RunState['memos']>;
  readonly pendingUntil: EntriesOf<RunState['pendingUntil']>;
  readonly outputs: {
    readonly parameters: readonly (readonly [string, string])[];
    readonly artifacts: readonly (readonly [string, ArtifactOf])[];
  };
}

/** A map as the list of its entries. */
type EntriesOf<Whole> =
  Whole extends ReadonlyMap<infer Key, infer Value> ? readonly (readonly [Key, Value])[] : never;

type ArtifactOf =
  RunState['outputs']['artifacts'] extends Map<string, infer Artifact> ? Artifact : never;

type KeptState = Omit<RunState, keyof Reshaped> & Reshaped;

/** The templates are compiled again, as they are when a run is submitted. */
function contextFrom({ run, globals, globalsVersion }: ContextData): RunContext {
  const fresh = evolve(initialState(), { kind: 'RunSubmitted', at: run.createdAtMs, run });
  const context = contextOf(fresh);
  context.globals.clear();
  for (const [tag, text] of globals) context.globals.set(tag, text);
  return { ...context, globalsVersion };
}
