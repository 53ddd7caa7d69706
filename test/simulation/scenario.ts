import type { ControlCommand } from '@argosy/core-workflow';
import type { Workflow } from '@argosy/model';

/** How the tasks of one template end. Which of them fail follows from the seed and the name of the node. */
export interface Behaviour {
  readonly failPercent: number;
  readonly errorPercent: number;
  /** Never ends by itself. */
  readonly hangs: boolean;
  /** Longest time a task takes, in milliseconds. */
  readonly durationMsMax: number;
  readonly result: 'none' | 'word' | 'number' | 'list';
}

/**
 * One thing that goes wrong: at the n-th occasion of its kind, counted from 0 over the whole simulation. One that finds no
 * such occasion does not happen.
 */
export type Fault = { readonly occasion: number } & (
  | { readonly kind: 'Crash'; readonly downMs: number }
  | { readonly kind: 'LoseLease'; readonly noticeMs: number; readonly pauseMs: number }
  | { readonly kind: 'FailAppend' }
  | { readonly kind: 'LoseAppendAnswer' }
  | { readonly kind: 'LoseCommandAck' }
  | { readonly kind: 'DelayCommand'; readonly byMs: number }
  | { readonly kind: 'DuplicateCommand'; readonly byMs: number }
  | { readonly kind: 'DelayTask'; readonly byMs: number }
  | { readonly kind: 'LoseTaskAck' }
  | { readonly kind: 'ExecutorDies'; readonly downMs: number }
  | { readonly kind: 'ExecutorFreezes'; readonly byMs: number }
  | { readonly kind: 'LoseNews' }
  | { readonly kind: 'TimerLate'; readonly byMs: number }
  | { readonly kind: 'TimerTwice'; readonly byMs: number }
  | { readonly kind: 'KeeperCrash'; readonly downMs: number }
  | { readonly kind: 'KeeperLosesLease'; readonly noticeMs: number; readonly pauseMs: number }
  | { readonly kind: 'FailLockAppend' }
  | { readonly kind: 'LoseLockAppendAnswer' }
  | { readonly kind: 'LoseLockReport' }
  | { readonly kind: 'LoseLockAck' }
  | { readonly kind: 'LoseLockCommand' }
  | { readonly kind: 'DelayLockCommand'; readonly byMs: number }
  | { readonly kind: 'DuplicateLockCommand'; readonly byMs: number }
);

export type FaultKind = Fault['kind'];

/** What somebody asks of a run, so long after the start. */
export interface PlannedCommand {
  readonly atMs: number;
  /** Index of the workflow. */
  readonly workflow: number;
  readonly command: ControlCommand;
}

/** Limits of semaphores by key, and what they are changed to in the midst of it. */
export interface LockLimits {
  readonly limits: Readonly<Record<string, number>>;
  readonly changes: readonly {
    readonly atMs: number;
    readonly key: string;
    readonly limit: number;
  }[];
}

/** Everything a simulation is made from: the same scenario always goes the same way. */
export interface Scenario {
  readonly seed: number;
  /**
   * `settled`: how the workflows end does not depend on the time things take, so that they must end as without any fault.
   * `wild`: stops, deadlines in the midst of work and the like; only the invariants hold.
   */
  readonly kind: 'settled' | 'wild';
  readonly workflows: readonly Workflow[];
  /** By the name of the template. */
  readonly behaviours: Readonly<Record<string, Behaviour>>;
  readonly commands: readonly PlannedCommand[];
  /** Absent when no workflow has locks. */
  readonly locks?: LockLimits;
  readonly faults: readonly Fault[];
  readonly replicas: number;
  readonly partitions: number;
  readonly executors: number;
  /** Facts are written to the log as the bus carries them, and read from that. */
  readonly isEncoded: boolean;
}

/** A rule that did not hold. */
export interface Violation {
  /** Short name of the rule. */
  readonly rule: string;
  readonly detail: string;
}
