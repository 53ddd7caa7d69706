import type { Artifact, NodePhase, NodeType } from '@argosy/model';
import type { RunHeader } from './input.ts';
import type { LockKey } from './locks/lock-key.ts';
import type { MemoQuery } from './memo.ts';

/**
 * How a node hangs on the node that manages it. With the parent and a position it gives the node's
 * name, its boundary and the call it came from, so facts need not repeat them.
 */
export type NodeRelation =
  /** The entrypoint. */
  | 'root'
  /** A step group of a Steps node; the slot counts groups. */
  | 'group'
  /** A step of a group; the slot counts steps of the group. */
  | 'step'
  /** A task of a DAG; the slot counts tasks. */
  | 'task'
  /** One round of a task that is a loop; the parent is its TaskGroup. */
  | 'item'
  /** One attempt of a Retry node; the slot counts attempts. */
  | 'attempt'
  /** A hook of a node; the label is its name, `exit` for the exit handler. */
  | 'hook'
  /** A hook of the run; the label is its name, `exit` for the exit handler. */
  | 'runHook'
  /** A container of a container set; the slot counts containers. */
  | 'container';

/** What a node handed out. All values are text, as in Argo. */
export interface NodeOutputs {
  readonly result?: string;
  readonly exitCode?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly artifacts?: readonly Artifact[];
}

export type CancelReason = 'Stop' | 'Terminate' | 'Deadline' | 'Daemon';

/** What a new node has to get before it starts: first the locks, then a look into the cache. */
export interface NodeGate {
  readonly locks?: readonly LockKey[];
  readonly memo?: MemoQuery;
}

export interface NodeCreatedFact {
  readonly kind: 'NodeCreated';
  readonly at: number;
  readonly type: NodeType;
  /** A final phase means: created and finished at once. */
  readonly phase: NodePhase;
  readonly relation: NodeRelation;
  /** Index of the managing node, -1 for none. */
  readonly parent: number;
  readonly slot: number;
  /** Index in the loop, -1 outside of loops. */
  readonly item: number;
  /** Index of the template plan, -1 when none was found. */
  readonly plan: number;
  /** Own part of the name where it does not follow from the call; else empty. */
  readonly label: string;
  readonly message: string;
  /** Values in the order of the template's inputs; null: not set. Absent for attempts. */
  readonly parameters?: readonly (string | null)[] | undefined;
  readonly artifacts?: readonly Artifact[] | undefined;
  /** The instant at which the node's own timer is due; 0 for none. */
  readonly until: number;
  /** The instant at which a task that nobody has started is given up; absent for none. */
  readonly pendingUntil?: number | undefined;
  /** Present when the node waits, Pending, for something before it starts. */
  readonly gate?: NodeGate | undefined;
  /** Of a node that takes over the result of another run. */
  readonly outputs?: NodeOutputs | undefined;
}

export interface NodeFinishedFact {
  readonly kind: 'NodeFinished';
  readonly at: number;
  readonly node: number;
  readonly phase: NodePhase;
  readonly message: string;
  readonly outputs?: NodeOutputs | undefined;
  /** The task was still running and has to be ended. */
  readonly cancel?: CancelReason | undefined;
}

/**
 * What happened to a run, in order. Each is a decision already taken: applying it never decides
 * anew. Nodes are named by index: the n-th NodeCreated of the run makes node n.
 */
export type Fact =
  | { readonly kind: 'RunSubmitted'; readonly at: number; readonly run: RunHeader }
  | { readonly kind: 'RunStarted'; readonly at: number }
  | {
      readonly kind: 'RunFinished';
      readonly at: number;
      readonly phase: 'Succeeded' | 'Failed' | 'Error';
      readonly message: string;
    }
  | { readonly kind: 'RunSuspended'; readonly at: number; readonly suspended: boolean }
  | {
      readonly kind: 'RunShutdown';
      readonly at: number;
      readonly strategy: 'Stop' | 'Terminate';
      readonly message: string;
    }
  | { readonly kind: 'RunDeadlineReached'; readonly at: number }
  | {
      readonly kind: 'RunLabelled';
      readonly at: number;
      readonly labels: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'RunRetried';
      readonly at: number;
      /** Nodes that are forgotten. */
      readonly dropped: readonly number[];
      /** Containers that run again. */
      readonly reopened: readonly number[];
      readonly parameters: Readonly<Record<string, string>>;
    }
  | NodeCreatedFact
  | {
      readonly kind: 'NodeStarted';
      readonly at: number;
      readonly node: number;
      readonly hostNodeName: string;
      readonly podIP: string;
      readonly until: number;
    }
  | {
      readonly kind: 'NodeProgressed';
      readonly at: number;
      readonly node: number;
      readonly progress: string;
    }
  | NodeFinishedFact
  /** A finished node has no hook left to wait for. */
  | { readonly kind: 'NodeSettled'; readonly at: number; readonly node: number }
  /** A Retry node waits until its next attempt. */
  | {
      readonly kind: 'NodeWaiting';
      readonly at: number;
      readonly node: number;
      readonly until: number;
      readonly message: string;
    }
  | { readonly kind: 'NodeWoken'; readonly at: number; readonly node: number }
  /** A suspended node was given outputs or a message by a person. */
  | {
      readonly kind: 'NodeAmended';
      readonly at: number;
      readonly node: number;
      readonly message: string;
      readonly parameters: Readonly<Record<string, string>>;
    }
  /** The run asks for the locks of its spec; it is Pending until it has them. */
  | { readonly kind: 'LocksAsked'; readonly at: number; readonly locks: readonly LockKey[] }
  /** The locks of a node, or of the run (node -1), are not to be had yet. */
  | {
      readonly kind: 'LocksWaiting';
      readonly at: number;
      readonly node: number;
      readonly message: string;
      /** Name of the lock that is waited for. */
      readonly lock: string;
      /** Who has it, in Argo's form. */
      readonly heldBy: readonly string[];
    }
  | { readonly kind: 'LocksGranted'; readonly at: number; readonly node: number }
  /** Locks came to a holder that has no use for them any more. */
  | { readonly kind: 'LocksReturned'; readonly at: number; readonly holder: string }
  /** The cache has been looked into; a hit is followed by the node's end. */
  | {
      readonly kind: 'MemoAnswered';
      readonly at: number;
      readonly node: number;
      readonly hit: boolean;
    }
  /** A node has got what it waited for, and starts. */
  | {
      readonly kind: 'NodeAdmitted';
      readonly at: number;
      readonly node: number;
      readonly until: number;
      readonly pendingUntil?: number;
    }
  /** The rounds of a loop: each item as JSON text. For a step of a group, or for a TaskGroup (slot 0). */
  | {
      readonly kind: 'LoopExpanded';
      readonly at: number;
      readonly node: number;
      readonly slot: number;
      readonly items: readonly string[];
    };
