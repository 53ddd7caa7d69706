import type { NodeType } from '@argosy/model';
import type { Fact } from '../facts.ts';
import { lockName } from '../locks/lock-key.ts';
import { displayNameOf, idOf, nodeNameOf, planOf } from '../names.ts';
import { preciseTimeText } from '../times.ts';
import { nodeAt, type NodeRecord, type RunState } from '../state.ts';

/** One fact of a run as people read it. */
export interface HistoryEntry {
  /** 1 for the run's first fact. */
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds since the run's first fact. */
  readonly offsetMs: number;
  readonly kind: Fact['kind'];
  /** What happened, in a word or two. */
  readonly what: string;
  /** The phase that the node, or without one the run, has come to; empty when it stays as it was. */
  readonly phase: string;
  readonly message: string;
  readonly node?: HistoryNode;
}

/** The node that a fact is about. */
export interface HistoryNode {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly type: NodeType;
  readonly templateName: string;
  /** From 0; only of an attempt of a Retry node. */
  readonly attempt?: number;
}

/** Puts facts into words, one after the other from the first on. */
export interface HistoryWriter {
  /** `state` is the state with this fact applied; a later one of the same run serves as well. */
  describe(state: RunState, fact: Fact): HistoryEntry;
}

export function createHistoryWriter(): HistoryWriter {
  let sequence = 0;
  let created = 0;
  let firstAt = 0;
  return {
    describe(state, fact) {
      sequence += 1;
      if (sequence === 1) firstAt = fact.at;
      // Facts name nodes by the order of their creation.
      const index =
        fact.kind === 'NodeCreated' ? created++ : 'node' in fact ? fact.node : undefined;
      const { what, phase = '', message = '' } = wordsOf(fact);
      const { at, kind } = fact;
      const entry = { sequence, at, offsetMs: at - firstAt, kind, what, phase, message };
      // The locks of the run itself have no node.
      return index === undefined || index < 0
        ? entry
        : { ...entry, node: historyNode(state, nodeAt(state, index)) };
    },
  };
}

function historyNode(state: RunState, node: NodeRecord): HistoryNode {
  return {
    index: node.index,
    id: idOf(state, node),
    name: nodeNameOf(state, node),
    displayName: displayNameOf(state, node),
    type: node.type,
    templateName: planOf(state, node)?.name ?? '',
    ...(node.relation === 'attempt' ? { attempt: node.slot } : {}),
  };
}

interface Words {
  readonly what: string;
  readonly phase?: string;
  readonly message?: string;
}

type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;

const WORDS: { readonly [Kind in Fact['kind']]: (fact: FactOf<Kind>) => Words } = {
  RunSubmitted: ({ run }) => ({
    what: 'submitted',
    phase: 'Pending',
    message: run.creator === undefined || run.creator === '' ? '' : `by ${run.creator}`,
  }),
  RunStarted: () => ({ what: 'started', phase: 'Running' }),
  RunFinished: ({ phase, message }) => ({ what: 'finished', phase, message }),
  RunSuspended: ({ suspended }) => ({ what: suspended ? 'suspended' : 'resumed' }),
  RunShutdown: ({ strategy, message }) => ({
    what: strategy === 'Stop' ? 'stopped' : 'terminated',
    message,
  }),
  RunDeadlineReached: () => ({ what: 'deadline reached' }),
  RunLabelled: ({ labels }) => ({ what: 'labelled', message: assignments(labels) }),
  RunRetried: ({ dropped, reopened, parameters }) => ({
    what: 'retried',
    phase: 'Running',
    message: [
      `${dropped.length} nodes forgotten, ${reopened.length} opened again`,
      assignments(parameters),
    ]
      .filter((part) => part !== '')
      .join('; '),
  }),
  NodeCreated: ({ phase, message }) => ({ what: 'created', phase, message }),
  NodeStarted: ({ hostNodeName }) => ({
    what: 'started',
    phase: 'Running',
    message: hostNodeName === '' ? '' : `on ${hostNodeName}`,
  }),
  NodeProgressed: ({ progress }) => ({ what: 'progressed', message: progress }),
  NodeFinished: ({ phase, message, cancel }) => ({
    what: cancel === undefined ? 'finished' : `ended (${cancel})`,
    phase,
    message,
  }),
  NodeSettled: () => ({ what: 'settled' }),
  NodeWaiting: ({ until, message }) => ({
    what: 'waits',
    message: message === '' ? `until ${preciseTimeText(until)}` : message,
  }),
  NodeWoken: () => ({ what: 'woken' }),
  NodeAmended: ({ message, parameters }) => ({
    what: 'amended',
    message: [message, assignments(parameters)].filter((part) => part !== '').join('; '),
  }),
  LocksAsked: ({ locks }) => ({
    what: 'asks for locks',
    phase: 'Pending',
    message: locks.map(lockName).join(', '),
  }),
  LocksWaiting: ({ message }) => ({ what: 'waits for locks', message }),
  LocksGranted: () => ({ what: 'got its locks' }),
  LocksReturned: () => ({ what: 'gave back locks that came too late' }),
  MemoAnswered: ({ hit }) => ({ what: hit ? 'found in the cache' : 'not found in the cache' }),
  NodeAdmitted: () => ({ what: 'goes on' }),
  LoopExpanded: ({ items }) => ({ what: 'loop spread', message: `${items.length} items` }),
};

function wordsOf<Kind extends Fact['kind']>(fact: FactOf<Kind>): Words {
  const words = WORDS[fact.kind] as (fact: FactOf<Kind>) => Words;
  return words(fact);
}

function assignments(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}
