import type { Result } from './result.ts';

/** Why a core did not accept an input: a stable code and a sentence for people. */
export interface Refusal {
  readonly code:
    'AlreadyExists' | 'NotFound' | 'FailedPrecondition' | 'InvalidArgument' | 'ResourceExhausted';
  readonly message: string;
}

/**
 * The contract of a core. A core has no clock, no randomness and no I/O: time and ids are fields of
 * its inputs. The shell calls `decide`, makes the facts durable, and only then acts on what is `owed`.
 */
export interface Machine<State, Input, Fact, Effect> {
  /** A fresh state. Each call gives an object of its own, because `evolve` may reuse what it owns. */
  initial(): State;
  /**
   * Total and synchronous; reads the state, never changes it. An input seen before yields no facts.
   * Cascades are cut into passes: after applying the facts the caller offers `Advance`-like inputs
   * until nothing more is decided (see `step` of each core).
   */
  decide(state: State, input: Input): Result<readonly Fact[], Refusal>;
  /** Applies one fact. Never fails; may change and return the state it was given; cost ∝ what changed. */
  evolve(state: State, fact: Fact): State;
  /** All effects outstanding in this state; the same after a crash as before it. */
  owed(state: State): Iterable<Effect>;
}
