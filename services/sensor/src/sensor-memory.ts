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
  settle(delivery: Delivery): Promise<void>;
  /** The message is acknowledged. Noted with the next write. */
  acknowledged(delivery: Delivery): void;
}

export function createSensorMemory(logic: SensorLogic, store: StateStore): SensorMemory {
  let current: VersionedState | undefined;
  // What this replica knew last, should the store be lost while it runs.
  let last: SensorState | undefined;
  // Goes into the store with the next write.
  const done = { settled: new Set<number>(), acknowledged: new Set<number>() };
  // One writer at a time, so that a replica never conflicts with itself.
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  }

  async function loaded(): Promise<VersionedState> {
    if (current !== undefined) return current;
    const stored = await store.load();
    const { revision } = stored;
    const state = revision === 0 ? (last ?? stored.state) : stored.state;
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
        last = state;
        return result;
      }
      const settled = Array.from(done.settled);
      const acknowledged = Array.from(done.acknowledged);
      const saved = await store.save(withDone(next, done), revision);
      current = saved;
      if (saved === undefined) continue;
      last = saved.state;
      for (const mark of settled) done.settled.delete(mark);
      for (const mark of acknowledged) done.acknowledged.delete(mark);
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
    settle: (delivery) => {
      const mark = markOf(delivery);
      // Noted before its turn, so that one write takes out all that were done by then.
      done.settled.add(mark);
      return inTurn(() =>
        change((state) => {
          const isOwed = done.settled.has(mark) && state.owed.some((owed) => owed.mark === mark);
          if (!isOwed) done.settled.delete(mark);
          return { next: isOwed ? { ...state } : state, result: undefined };
        }),
      );
    },
    acknowledged: (delivery) => void done.acknowledged.add(markOf(delivery)),
  };
}

/** Sequences that a mark tells apart within one millisecond. */
const SEQUENCES_PER_MS_MAX = 1_000;

/**
 * What a message is known by: made of its time and its sequence, because a stream that was lost and is made
 * again counts from one.
 */
function markOf({ storedAtMs, sequence }: Delivery): number {
  return storedAtMs * SEQUENCES_PER_MS_MAX + (sequence % SEQUENCES_PER_MS_MAX);
}

function receiveOne(
  logic: SensorLogic,
  state: SensorState,
  delivery: Delivery,
): { readonly next: SensorState; readonly outcome: MessageOutcome } {
  const mark = markOf(delivery);
  if (state.applied.includes(mark) || state.acknowledged.includes(mark)) {
    const firings = state.owed.filter((owed) => owed.mark === mark);
    const outcome = { delivery, dropped: [], isRecorded: true };
    return { next: state, outcome: { ...outcome, firings: firings.map(({ firing }) => firing) } };
  }
  const { pending, firings, dropped } = logic.receive(state.pending, delivery);
  if (pending === state.pending) {
    return { next: state, outcome: { delivery, firings, dropped, isRecorded: false } };
  }
  const owed: OwedFiring[] = firings.map((firing) => ({ mark, firing }));
  const next = {
    ...state,
    pending,
    applied: [...state.applied, mark],
    owed: [...state.owed, ...owed],
  };
  return { next, outcome: { delivery, firings, dropped, isRecorded: true } };
}

interface Done {
  readonly settled: ReadonlySet<number>;
  readonly acknowledged: ReadonlySet<number>;
}

function withDone(state: SensorState, { settled, acknowledged }: Done): SensorState {
  const [known, open] = [new Set(state.acknowledged), [] as number[]];
  for (const mark of state.applied) {
    if (acknowledged.has(mark)) known.add(mark);
    else open.push(mark);
  }
  return {
    pending: state.pending,
    applied: open,
    acknowledged: Array.from(known),
    owed: state.owed.filter((owed) => !settled.has(owed.mark)),
  };
}
