import { innermostReason } from '@argosy/base';
import {
  createProducer,
  createPulsarClient,
  type PulsarClient,
  type PulsarProducer,
} from '@argosy/pulsar';
import { createIdleConnections } from './idle-connections.ts';
import { pulsarMessageOf, pulsarProblems, type PulsarMessageToSend } from './pulsar-settings.ts';
import type { TriggerKind } from './trigger.ts';

/** A topic's producers, one for each partition that was sent to. */
interface OpenTopic {
  /** The next partition's producer. */
  next(): Promise<PulsarProducer>;
  close(): Promise<void>;
}

/**
 * Sends a JSON payload as a message to a topic, to its partitions in turn. Done when the broker has stored
 * it. The firing's id goes along as the property `idempotency-key`, the same at each attempt.
 */
export function createPulsarTrigger(): TriggerKind {
  const topics = createIdleConnections<OpenTopic>((topic) => topic.close());
  return {
    kind: 'pulsar',
    problems: pulsarProblems,
    async run(call, environment) {
      const message = pulsarMessageOf(call, environment.values);
      if (!message.ok) return { kind: 'Refused', reason: message.error };
      const { connection, payload, topic } = message.value;
      const name = JSON.stringify({ connection, topic });
      try {
        const open = await topics.use(name, () => openTopic(message.value));
        const producer = await open.next();
        const properties = { traceparent: call.traceparent, 'idempotency-key': call.firingId };
        await producer.send(new TextEncoder().encode(payload), properties, Date.now());
        return { kind: 'Done' };
      } catch (error) {
        await topics.drop(name);
        return { kind: 'Failed', reason: `${topic}: ${innermostReason(error)}` };
      }
    },
    close: () => topics.closeAll(),
  };
}

async function openTopic({ connection, topic }: PulsarMessageToSend): Promise<OpenTopic> {
  const client: PulsarClient = createPulsarClient(connection.url, connection.access);
  const producers = new Map<string, Promise<PulsarProducer>>();
  let partitions: readonly [string, ...string[]];
  try {
    partitions = await client.partitionsOf(topic);
  } catch (error) {
    client.close();
    throw error;
  }
  let sent = 0;
  return {
    next() {
      const partition = partitions[sent % partitions.length] ?? partitions[0];
      sent += 1;
      const opening = producers.get(partition) ?? createProducer(client, partition);
      producers.set(partition, opening);
      return opening;
    },
    async close() {
      await Promise.allSettled(
        Array.from(producers.values(), async (opening) => (await opening).close()),
      );
      client.close();
    },
  };
}
