import { ArgosyError, type Result } from '@argosy/base';
import { pause } from '@argosy/shell';
import type { DriverContext, EventToEmit, RunningDriver } from './driver.ts';
import { refuseMessage, storePatiently } from './patient-store.ts';
import { createTrouble } from './trouble.ts';

/** A queue that lends its messages for a time and has to be told when they are done with. */
export interface PulledQueue<Message> {
  /** Waits for the next messages, oldest first; none when the wait ended. Rejects when there is trouble. */
  receive(signal: AbortSignal): Promise<readonly Message[]>;
  /** What is stored for a message; the error says why it can never be an event. */
  eventOf(message: Message): Result<EventToEmit, string>;
  /** Takes messages out of the queue for good. */
  remove(messages: readonly Message[]): Promise<void>;
  /** Whether a message that can never be an event is taken out, or left for the queue's own dead letters. */
  readonly unreadable: 'Removed' | 'Left';
  /** How long received messages are kept from other receivers, milliseconds. */
  readonly heldMs: number;
  /** Lets go of the connection. */
  close(): Promise<void>;
}

/** Wait after trouble: doubles from the first to the second. */
const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 15_000;
/** Of the time that messages are held, the part in which they are stored; the rest is for removing them. */
const STORE_SHARE = 0.75;

/**
 * Stores what a queue has, in its order, and takes each message out after it is stored. What is not stored
 * stays in the queue. A bus that is away is waited for as long as the messages are held, so that the queue
 * does not count them as delivered again and again.
 */
export function startPulling<Message>(
  queue: PulledQueue<Message>,
  context: DriverContext,
): RunningDriver {
  const stopping = new AbortController();
  const trouble = createTrouble(context);

  /** @returns whether the message is to be taken out, or undefined when it was not to be stored in time. */
  async function isDone(message: Message, signal: AbortSignal): Promise<boolean | undefined> {
    const event = queue.eventOf(message);
    if (!event.ok) {
      refuseMessage(context, event.error);
      return queue.unreadable === 'Removed';
    }
    const outcome = await storePatiently(event.value, { context, trouble, signal });
    return outcome.kind === 'Stopped' ? undefined : outcome.kind === 'Stored';
  }

  /** Messages behind one that is not stored are left too, so that the order is kept. */
  async function handle(messages: readonly Message[]): Promise<void> {
    const inTime = AbortSignal.timeout(queue.heldMs * STORE_SHARE);
    const signal = AbortSignal.any([stopping.signal, inTime]);
    const done: Message[] = [];
    for (const message of messages) {
      const verdict = await isDone(message, signal);
      if (verdict === undefined) break;
      if (verdict) done.push(message);
    }
    if (done.length > 0) await queue.remove(done);
  }

  async function run(): Promise<void> {
    let waitMs = RETRY_MS_MIN;
    while (!stopping.signal.aborted) {
      try {
        const messages = await queue.receive(stopping.signal);
        trouble.tell('queue', undefined);
        await handle(messages);
        waitMs = RETRY_MS_MIN;
      } catch (error) {
        if (stopping.signal.aborted) break;
        trouble.tell('queue', ArgosyError.fromUnknown(error).message);
        await pause(waitMs, stopping.signal);
        waitMs = Math.min(waitMs * 2, RETRY_MS_MAX);
      }
    }
    await queue.close();
  }

  const running = run();
  return {
    health: () => trouble.health(),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
