import type { Result } from '@argosy/base';
import type { DriverContext, EventToEmit } from './driver.ts';
import { refuseMessage, storePatiently } from './patient-store.ts';
import type { Trouble } from './trouble.ts';

/** Things that an origin sends once and never again, on their way to the bus, in the order they came. */
export interface Arrivals {
  /** Takes one in; the error says why it can be no event. Never blocks: beyond the bounds it is dropped. */
  push(event: Result<EventToEmit, string>): void;
  /** Takes nothing more and stores what is held, within 5 s; what the bus does not take then is lost. */
  finish(): Promise<void>;
}

/** Most that is held while the bus is away or slow. */
const ARRIVALS_MAX = 10_000;
const ARRIVAL_BYTES_MAX = 32 * 1_048_576;
/** Longest time for storing what is held when the driver stops. */
const FINISH_MS_MAX = 5_000;

export function createArrivals(scope: {
  readonly context: DriverContext;
  readonly trouble: Trouble;
}): Arrivals {
  const { context, trouble } = scope;
  const stopping = new AbortController();
  const held: EventToEmit[] = [];
  let heldBytes = 0;
  let dropped = 0;
  let storing: Promise<void> | undefined;
  let giveUpAtMs = Number.POSITIVE_INFINITY;

  async function storeAll(): Promise<void> {
    for (let event = held[0]; event !== undefined; event = held[0]) {
      const isLate = performance.now() > giveUpAtMs;
      const outcome = isLate
        ? 'Stopped'
        : (await storePatiently(event, { context, trouble, signal: stopping.signal })).kind;
      if (outcome === 'Stopped') {
        loseHeld();
        break;
      }
      held.shift();
      heldBytes -= event.data.byteLength;
      if (dropped > 0 && held.length <= ARRIVALS_MAX / 2) tellOfRoom();
    }
    storing = undefined;
  }
  function loseHeld(): void {
    const { eventName } = context;
    context.logger.warn({ eventName, count: held.length }, 'messages were lost at the stop');
    for (let count = held.length; count > 0; count -= 1) context.refused();
    held.length = 0;
  }
  function tellOfRoom(): void {
    const { eventName } = context;
    context.logger.warn({ eventName, count: dropped }, 'messages were dropped, for want of room');
    dropped = 0;
    trouble.tell('room', undefined);
  }

  return {
    push(event) {
      if (stopping.signal.aborted) return;
      if (!event.ok) {
        refuseMessage(context, event.error);
        return;
      }
      const bytes = event.value.data.byteLength;
      if (held.length >= ARRIVALS_MAX || heldBytes + bytes > ARRIVAL_BYTES_MAX) {
        dropped += 1;
        context.refused();
        trouble.tell('room', 'messages come faster than they are stored; the newest are dropped');
        return;
      }
      held.push(event.value);
      heldBytes += bytes;
      storing ??= storeAll();
    },
    async finish() {
      giveUpAtMs = performance.now() + FINISH_MS_MAX;
      stopping.abort();
      await storing;
    },
  };
}
