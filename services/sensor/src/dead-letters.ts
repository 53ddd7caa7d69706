import { randomUUID } from 'node:crypto';
import {
  decodeDeadLetter,
  deadLetterSubject,
  encodeDeadLetter,
  EVENT_TYPES,
  STREAMS,
  type DeadLetter,
} from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import type { SensorEvent } from '@argosy/core-events';
import type { Firing } from './sensor-logic.ts';

/** How a firing failed for good. */
export interface FiringFailure {
  readonly error: string;
  /** Why the `dlqTrigger` failed. */
  readonly dlqError?: string | undefined;
  readonly attempts: number;
}

/** The dead letters of one sensor, one for each firing. */
export interface DeadLetters {
  /**
   * Stores a firing; an older letter of it is replaced. When it resolves the bus has it.
   * @throws ArgosyError UNAVAILABLE
   */
  keep(firing: Firing, failure: FiringFailure): Promise<void>;
  find(trigger: string, firingId: string): Promise<DeadLetter | undefined>;
  remove(trigger: string, firingId: string): Promise<void>;
}

export function createDeadLetters(
  bus: Bus,
  identity: { readonly namespace: string; readonly sensor: string },
  clock: () => number = Date.now,
): DeadLetters {
  const subjectOf = (trigger: string, firingId: string): string =>
    deadLetterSubject({ ...identity, trigger, firingId });

  async function store(letter: DeadLetter): Promise<void> {
    // An id of its own: the same firing may fail again within the time in which repetitions are dropped.
    await bus.publish({
      subject: subjectOf(letter.trigger, letter.firing.id),
      event: {
        id: randomUUID(),
        source: `/${identity.namespace}/sensor/${identity.sensor}`,
        type: EVENT_TYPES.deadLetter,
        subject: letter.trigger,
        time: new Date(letter.failedAtMs).toISOString(),
        datacontenttype: 'application/json',
        data: encodeDeadLetter(letter),
      },
    });
  }

  return {
    async keep(firing, { error, dlqError, attempts }) {
      const letter: DeadLetter = {
        ...identity,
        trigger: firing.trigger,
        error,
        ...(dlqError === undefined ? {} : { dlqError }),
        attempts,
        failedAtMs: clock(),
        firing,
      };
      try {
        await store(letter);
      } catch (thrown) {
        if (ArgosyError.fromUnknown(thrown).code !== 'RESOURCE_EXHAUSTED') throw thrown;
        await store(withoutData(letter));
      }
    },
    async find(trigger, firingId) {
      const stored = await bus.last(STREAMS.deadLetters, subjectOf(trigger, firingId));
      return stored === undefined ? undefined : decodeDeadLetter(stored.event.data);
    },
    remove: (trigger, firingId) => bus.purge(STREAMS.deadLetters, subjectOf(trigger, firingId)),
  };
}

/** Events that fit a message each may not fit one together; what is left tells where they are kept. */
function withoutData(letter: DeadLetter): DeadLetter {
  const events = Object.entries(letter.firing.events).map(([name, event]) => {
    const { dataText: _dropped, ...rest } = event as SensorEvent;
    return [name, rest] as const;
  });
  return {
    ...letter,
    isCut: true,
    firing: { ...letter.firing, events: Object.fromEntries(events) },
  };
}
