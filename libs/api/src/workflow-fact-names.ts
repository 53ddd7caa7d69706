import type { CancelReason, NodeCreatedFact, NodeRelation } from '@argosy/core-workflow';
import {
  CancelReason as WireCancelReason,
  NodePhase as WirePhase,
  NodeRelation as WireRelation,
  NodeType as WireType,
} from './gen/argosy/workflow/v1/facts_pb.js';

type NodePhase = NodeCreatedFact['phase'];
type NodeType = NodeCreatedFact['type'];

/** Translates between a word and its number on the wire. */
export interface Names<Word extends string, Wire extends number> {
  toWire(word: Word): Wire;
  /** @throws Error for a number that this version does not know. */
  fromWire(wire: number): Word;
}

export function names<Word extends string, Wire extends number>(
  what: string,
  table: Readonly<Record<Word, Wire>>,
): Names<Word, Wire> {
  const words: (Word | undefined)[] = [];
  for (const [word, wire] of Object.entries<Wire>(table)) words[wire] = word as Word;
  return {
    toWire: (word) => table[word],
    fromWire: (wire) => {
      const word = words[wire];
      if (word === undefined) throw new Error(`unknown ${what} ${wire} in the history`);
      return word;
    },
  };
}

export const NODE_PHASES = names<NodePhase, WirePhase>('node phase', {
  '': WirePhase.UNSPECIFIED,
  Pending: WirePhase.PENDING,
  Running: WirePhase.RUNNING,
  Succeeded: WirePhase.SUCCEEDED,
  Skipped: WirePhase.SKIPPED,
  Failed: WirePhase.FAILED,
  Error: WirePhase.ERROR,
  Omitted: WirePhase.OMITTED,
});

export const RUN_PHASES = names<'Succeeded' | 'Failed' | 'Error', WirePhase>('run phase', {
  Succeeded: WirePhase.SUCCEEDED,
  Failed: WirePhase.FAILED,
  Error: WirePhase.ERROR,
});

export const NODE_TYPES = names<NodeType, WireType>('node type', {
  Pod: WireType.POD,
  Container: WireType.CONTAINER,
  Steps: WireType.STEPS,
  StepGroup: WireType.STEP_GROUP,
  DAG: WireType.DAG,
  TaskGroup: WireType.TASK_GROUP,
  Retry: WireType.RETRY,
  Skipped: WireType.SKIPPED,
  Suspend: WireType.SUSPEND,
  HTTP: WireType.HTTP,
  Plugin: WireType.PLUGIN,
});

export const NODE_RELATIONS = names<NodeRelation, WireRelation>('node relation', {
  root: WireRelation.ROOT,
  group: WireRelation.GROUP,
  step: WireRelation.STEP,
  task: WireRelation.TASK,
  item: WireRelation.ITEM,
  attempt: WireRelation.ATTEMPT,
  hook: WireRelation.HOOK,
  runHook: WireRelation.RUN_HOOK,
  container: WireRelation.CONTAINER,
});

export const CANCEL_REASONS = names<CancelReason, WireCancelReason>('cancel reason', {
  Stop: WireCancelReason.STOP,
  Terminate: WireCancelReason.TERMINATE,
  Deadline: WireCancelReason.DEADLINE,
  Daemon: WireCancelReason.DAEMON,
});

export const SHUTDOWN_STRATEGIES = names<'Stop' | 'Terminate', WireCancelReason>(
  'shutdown strategy',
  { Stop: WireCancelReason.STOP, Terminate: WireCancelReason.TERMINATE },
);
