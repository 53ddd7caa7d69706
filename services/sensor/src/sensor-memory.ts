import type { Delivery } from '@argosy/bus';
import type { DroppedEvent, Firing, SensorLogic } from './sensor-logic.ts';
import type { OwedFiring, SensorState, StateStore, VersionedState } from './state-store.ts';

/** What one message asks for. */
export interface MessageOutcome {
  readonly delivery: Delivery;
  readonly firings: readonly Firing[];
  /** Whether the message left something in the stored state that is to be taken out when it is done. */
  readonly isRecorded: boolean;
  readonly dropped: readonly DroppedEvent[];
}

/**
 * The sensor's memory: applies messages to the stored state in their order and exactly once, also when they
 * are delivered again. Messages that fire alone do not touch the store.
 */
export interface SensorMemory {
  /** Decides what the messages ask for; when it resolves, what must outlive a crash is stored. */
  receive(batch: readonly Delivery[]): Promise<readonly MessageOutcome[]>;
  /** What the message fired is done: it is not owed any more. To be called before the acknowledgement. */
  settle(sequence: number): Promise<void>;
  /** The message is acknowledged and will not come again. Takes effect with the next write. */
  forget(sequence: number): void;
}

export function createSensorMemory(logic: SensorLogic, store: StateStore): SensorMemory {
  let current: VersionedState | undefined;
  // Taken out of the store with the next write.
  const done: Done = { settled: new Set(), forgotten: new Set() };
  // One writer at a time, so that a replica never conflicts with itself.
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  }

  async function loaded(): Promise<VersionedState> {
    if (current !== undefined) return current;
    const { state, revision } = await store.load();
    return { state: { ...state, pending: logic.adopt(state.pending) }, revision };
  }

  /** Decides and stores until no other replica has written in between. */
  async function change<T>(
    decide: (state: SensorState) => { readonly next: SensorState; readonly result: T },
  ): Promise<T> {
    for (;;) {
      const { state, revision } = await loaded();
      const { next, result } = decide(state);
      if (next === state) {
        current = { state, revision };
        return result;
      }
      const settled = Array.from(done.settled);
      const forgotten = Array.from(done.forgotten);
      const saved = await store.save(without(next, done), revision);
      current = saved;
      if (saved === undefined) continue;
      for (const sequence of settled) done.settled.delete(sequence);
      for (const sequence of forgotten) done.forgotten.delete(sequence);
      return result;
    }
  }

  return {
    receive: (batch) =>
      inTurn(() =>
        change((state) => {
          let next = state;
          const result = batch.map((delivery) => {
            const step = receiveOne(logic, next, delivery);
            next = step.next;
            return step.outcome;
          });
          return { next, result };
        }),
      ),
    settle: (sequence) => {
      // Noted before its turn, so that one write takes out all that were done by then.
      done.settled.add(sequence);
      return inTurn(() =>
        change((state) => {
          const isOwed =
            done.settled.has(sequence) && state.owed.some((owed) => owed.sequence === sequence);
          if (!isOwed) done.settled.delete(sequence);
          return { next: isOwed ? { ...state } : state, result: undefined };
        }),
      );
    },
    forget: (sequence) => void done.forgotten.add(sequence),
  };
}

function receiveOne(
  logic: SensorLogic,
  state: SensorState,
  delivery: Delivery,
): { readonly next: SensorState; readonly outcome: MessageOutcome } {
  const { sequence } = delivery;
  if (state.applied.includes(sequence)) {
    const firings = state.owed.filter((owed) => owed.sequence === sequence);
    const outcome = { delivery, dropped: [], isRecorded: true };
    return { next: state, outcome: { ...outcome, firings: firings.map(({ firing }) => firing) } };
  }
  const { pending, firings, dropped } = logic.receive(state.pending, delivery);
  if (pending === state.pending) {
    return { next: state, outcome: { delivery, firings, dropped, isRecorded: false } };
  }
  const owed: OwedFiring[] = firings.map((firing) => ({ sequence, firing }));
  const next = {
    pending,
    applied: [...state.applied, sequence],
    owed: [...state.owed, ...owed],
  };
  return { next, outcome: { delivery, firings, dropped, isRecorded: true } };
}

interface Done {
  readonly settled: Set<number>;
  readonly forgotten: Set<number>;
}

function without(state: SensorState, { settled, forgotten }: Done): SensorState {
  return {
    pending: state.pending,
    applied: state.applied.filter((sequence) => !forgotten.has(sequence)),
    owed: state.owed.filter((owed) => !settled.has(owed.sequence)),
  };
}
