import type { Result } from '@argosy/base';
import { ArgosyError } from '@argosy/base';
import type { PulsarClient } from './client.ts';
import type { Command, EntryId } from './commands.ts';
import { decodeEntry } from './frame.ts';
import { messagesOf, type PulsarMessage } from './messages.ts';

/** What a broker lent: one message or a batch, which is acknowledged as a whole. */
export interface ReceivedEntry {
  readonly topic: string;
  readonly ledgerId: bigint;
  readonly entryId: bigint;
  /** The error is a sentence: it cannot be read here. */
  readonly messages: Result<readonly PulsarMessage[], string>;
}

export interface SubscribeOptions {
  /** One without partitions, or one of its partitions. */
  readonly topic: string;
  /** One that is new begins with what is sent from now on. */
  readonly subscription: string;
  readonly type: 'Exclusive' | 'Shared';
  readonly consumerName: string;
  /** Called for one entry after the other, in the broker's order. @returns whether it is acknowledged */
  readonly take: (entry: ReceivedEntry) => Promise<boolean>;
}

export interface PulsarConsumer {
  /** Resolves with what happened when it is lost or ended; never rejects. */
  readonly lost: Promise<string>;
  /** Begins no further entry, waits for the one in hand, at most 10 s, and lets go of the subscription. */
  close(): Promise<void>;
}

/** Messages that the broker sends ahead of what is done with. */
const PERMITS = 64;
const FINISH_MS_MAX = 10_000;
const TYPES = { Exclusive: 0, Shared: 1 };
const INDIVIDUAL = 0;

/** @throws ArgosyError UNAVAILABLE when there is no broker or it refuses */
export async function subscribe(
  client: PulsarClient,
  options: SubscribeOptions,
): Promise<PulsarConsumer> {
  const { topic, subscription, consumerName } = options;
  const connection = await client.brokerOf(topic);
  const consumerId = connection.nextId();
  const { promise: lost, resolve: lose } = Promise.withResolvers<string>();
  let isOver = false;
  let handled = Promise.resolve();
  let doneMessages = 0;

  function end(reason: string): void {
    isOver = true;
    lose(reason);
  }
  async function handle(messageId: EntryId, rest: Buffer): Promise<void> {
    if (isOver) return;
    try {
      const entry = decodeEntry(rest);
      const { ledgerId = 0n, entryId = 0n } = messageId;
      const received = { topic, ledgerId, entryId, messages: messagesOf(entry) };
      if (await options.take(received)) {
        const place = { ledgerId, entryId };
        const fields = { consumerId, type: INDIVIDUAL, messageId: place };
        connection.send({ kind: 'ack', fields });
      }
      doneMessages += entry.metadata.messagesInBatch ?? 1;
      if (doneMessages >= PERMITS / 2) {
        connection.send({ kind: 'flow', fields: { consumerId, permits: doneMessages } });
        doneMessages = 0;
      }
    } catch (error) {
      // What is not acknowledged is sent again to the next consumer.
      end(ArgosyError.fromUnknown(error).message);
    }
  }

  const stopListening = connection.listen('Consumer', consumerId, {
    command(command: Command, rest: Buffer) {
      if (command.kind === 'closeConsumer') return end('the broker ended the subscription');
      if (command.kind !== 'message') return;
      const { messageId = {} } = command.fields;
      handled = handled.then(() => handle(messageId, rest));
    },
    lost: end,
  });
  try {
    const type = TYPES[options.type];
    const fields = { topic, subscription, type, consumerId, consumerName };
    await connection.request((requestId) => ({
      kind: 'subscribe',
      fields: { ...fields, requestId },
    }));
  } catch (error) {
    stopListening();
    throw error;
  }
  connection.send({ kind: 'flow', fields: { consumerId, permits: PERMITS } });
  return {
    lost,
    async close() {
      end('it was closed');
      await within(FINISH_MS_MAX, handled);
      // Answered after the acknowledgements before it have arrived.
      await connection
        .request((requestId) => ({ kind: 'closeConsumer', fields: { id: consumerId, requestId } }))
        .catch(() => undefined);
      stopListening();
    },
  };
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
