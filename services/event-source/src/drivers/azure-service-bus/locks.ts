import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';

/** Locks that are renewed as long as their messages are in hand. */
export interface HeldLocks {
  hold(message: ServiceBusReceivedMessage): void;
  letGo(message: ServiceBusReceivedMessage): void;
  /** Renews no more. */
  stop(): void;
}

const CHECK_MS = 5_000;
/** A lock that ends within this time is renewed; locks are given for half a minute at the least. */
const REMAINING_MS_MIN = 20_000;
/** How long a message may wait for the bus; then its lock ends, and the entity delivers it again. */
const HELD_MS_MAX = 60 * 60_000;

/**
 * Keeps locks while messages wait for the bus. The client can do so too, but it tells messages apart by ids
 * that their senders may leave out or give twice.
 * @param onError one renewal did not work; the lock ends when it ends
 */
export function createHeldLocks(
  receiver: Pick<ServiceBusReceiver, 'renewMessageLock'>,
  onError: (error: unknown) => void,
  checkMs = CHECK_MS,
): HeldLocks {
  const held = new Map<ServiceBusReceivedMessage, number>();
  const renewDue = (): void => {
    const nowMs = Date.now();
    for (const [message, sinceMs] of held) {
      const untilMs = message.lockedUntilUtc?.getTime() ?? nowMs;
      if (untilMs - nowMs > REMAINING_MS_MIN) continue;
      if (nowMs - sinceMs > HELD_MS_MAX) held.delete(message);
      // The client notes the new end in the message.
      else receiver.renewMessageLock(message).catch(onError);
    }
  };
  const timer = setInterval(renewDue, checkMs);
  timer.unref();
  return {
    hold: (message) => void held.set(message, Date.now()),
    letGo: (message) => void held.delete(message),
    stop() {
      clearInterval(timer);
    },
  };
}
