import type { TrackedDelivery } from '../dispatcher.ts';
import type { BusLogger } from '../logger.ts';
import type { Connection } from './connection.ts';
import { storedFromRaw } from './raw-message.ts';
import type { RawMessage } from './raw-message.ts';
import { untilAvailable } from './requests.ts';
import type { Requests } from './requests.ts';

const NANOSECONDS_PER_MS = 1_000_000;
/** After this an ack is given up: the message has been delivered again by then. */
const ACK_TIMEOUT_MS = 30_000;
/** How long one attempt waits: the server answers at once, or not at all. */
const ACK_ATTEMPT_TIMEOUT_MS = 1_000;
const ACK = Buffer.from('+ACK');
const IN_PROGRESS = Buffer.from('+WPI');

export interface DeliveryContext {
  readonly connection: Connection;
  readonly requests: Requests;
  readonly logger: BusLogger;
  readonly consumer: string;
  readonly onSettled: (sequence: number) => void;
}

/** A delivery with the calls that settle it. */
export function createDelivery(raw: RawMessage, context: DeliveryContext): TrackedDelivery {
  const { connection, logger } = context;
  const { ackSubject } = raw;
  const receivedEpoch = connection.epoch;
  let isSettled = false;
  const settle = (): boolean => {
    if (isSettled) return false;
    isSettled = true;
    context.onSettled(raw.sequence);
    return true;
  };
  const tell = (text: string | Uint8Array): void => {
    // Lost with the connection, it does not matter: the ack wait ends without it.
    if (!connection.client.isClosed()) connection.client.publish(ackSubject, text);
  };
  return {
    ...storedFromRaw(raw),
    deliveryCount: raw.deliveryCount,
    get isSettled() {
      return isSettled;
    },
    ack: async (options) => {
      settle();
      if (options?.isConfirmed === false) tell(ACK);
      else await confirmAck(context, raw, receivedEpoch);
    },
    retry: (delayMs) => {
      if (!settle()) return;
      const delay = Math.max(0, Math.round(delayMs * NANOSECONDS_PER_MS));
      tell(delay === 0 ? '-NAK' : `-NAK {"delay": ${delay}}`);
    },
    drop: (reason) => {
      if (!settle()) return;
      const { subject, sequence } = raw;
      logger.warn({ consumer: context.consumer, subject, sequence, reason }, 'message dropped');
      tell(`+TERM ${reason}`);
    },
    extend: () => {
      if (!isSettled) tell(IN_PROGRESS);
    },
  };
}

/**
 * Acks and waits for the server's word. It gives none for a message that is not pending, be it
 * acked already or forgotten in a restart. So a second attempt, and one for a message of an
 * earlier connection, acks and then asks for something that is always answered, and answered in
 * order.
 */
async function confirmAck(
  context: DeliveryContext,
  raw: RawMessage,
  receivedEpoch: number,
): Promise<void> {
  const { connection, requests } = context;
  const attempts = { subject: `ack of ${raw.subject}`, timeoutMs: ACK_TIMEOUT_MS };
  let isFirst = true;
  await untilAvailable(connection, attempts, async (leftMs) => {
    const timeoutMs = Math.min(leftMs, ACK_ATTEMPT_TIMEOUT_MS);
    const isPlain = isFirst && connection.epoch === receivedEpoch;
    if (!isPlain && !connection.client.isClosed()) {
      connection.client.publish(raw.ackSubject, ACK);
    }
    const question = isPlain ? ACK : IN_PROGRESS;
    isFirst = false;
    await requests.once(raw.ackSubject, question, { timeoutMs });
  });
}
