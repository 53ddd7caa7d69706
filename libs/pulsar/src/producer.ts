import type { PulsarClient } from './client.ts';
import type { Command } from './commands.ts';
import { unavailable } from './connection.ts';
import { errorText } from './error-text.ts';

/** Where a message was stored. */
export interface StoredAt {
  readonly ledgerId: bigint;
  readonly entryId: bigint;
}

export interface PulsarProducer {
  /**
   * Resolves when the broker has stored the message.
   * @param nowMs when it is published, Unix milliseconds
   * @throws ArgosyError UNAVAILABLE when it refuses, does not answer in 15 s or is lost
   */
  send(
    payload: Uint8Array,
    properties: Readonly<Record<string, string>>,
    nowMs: number,
  ): Promise<StoredAt>;
  close(): Promise<void>;
}

const RECEIPT_MS_MAX = 15_000;

/**
 * Opens a producer of a topic without partitions, or of one of its partitions.
 * @throws ArgosyError UNAVAILABLE when there is no broker or it refuses
 */
export async function createProducer(client: PulsarClient, topic: string): Promise<PulsarProducer> {
  const connection = await client.brokerOf(topic);
  const producerId = connection.nextId();
  const waiting = new Map<number, PromiseWithResolvers<StoredAt>>();
  let lostFor: string | undefined;
  let sequenceIds = 0;

  function lose(reason: string): void {
    lostFor = reason;
    for (const { reject } of waiting.values()) reject(unavailable(reason));
    waiting.clear();
  }
  function take(command: Command): void {
    if (command.kind === 'closeProducer') return lose('the broker closed the producer');
    if (command.kind !== 'sendReceipt' && command.kind !== 'sendError') return;
    const sent = waiting.get(command.fields.sequenceId ?? 0);
    if (command.kind === 'sendError') {
      return sent?.reject(unavailable(errorText(command.fields.error, command.fields.message)));
    }
    const { ledgerId = 0n, entryId = 0n } = command.fields.messageId ?? {};
    sent?.resolve({ ledgerId, entryId });
  }

  const stopListening = connection.listen('Producer', producerId, { command: take, lost: lose });
  let producerName: string;
  try {
    const answer = await connection.request((requestId) => ({
      kind: 'producer',
      fields: { topic, producerId, requestId },
    }));
    producerName = (answer.kind === 'producerSuccess' && answer.fields.producerName) || '';
  } catch (error) {
    stopListening();
    throw error;
  }
  return {
    async send(payload, properties, nowMs) {
      if (lostFor !== undefined) throw unavailable(lostFor);
      const sequenceId = (sequenceIds += 1);
      const sent = Promise.withResolvers<StoredAt>();
      waiting.set(sequenceId, sent);
      const late = (): void => sent.reject(unavailable('the broker does not say that it has it'));
      const timer = setTimeout(late, RECEIPT_MS_MAX);
      const metadata = {
        producerName,
        sequenceId: BigInt(sequenceId),
        publishTimeMs: nowMs,
        properties: Object.entries(properties).map(([key, value]) => ({ key, value })),
      };
      try {
        connection.send(
          { kind: 'send', fields: { producerId, sequenceId } },
          { metadata, payload },
        );
        return await sent.promise;
      } finally {
        clearTimeout(timer);
        waiting.delete(sequenceId);
      }
    },
    async close() {
      await connection
        .request((requestId) => ({ kind: 'closeProducer', fields: { id: producerId, requestId } }))
        .catch(() => undefined);
      stopListening();
      lose('it was closed');
    },
  };
}
