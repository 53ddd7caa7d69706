import { ArgosyError, innermostReason } from '@argosy/base';
import {
  createPulsarClient,
  subscribe,
  type PulsarAccess,
  type PulsarClient,
  type PulsarConsumer,
  type ReceivedEntry,
} from '@argosy/pulsar';
import { createClientDriver } from '../client-driver.ts';
import type { Driver, DriverContext, RunningDriver } from '../driver.ts';
import { isFields } from '../http/settings.ts';
import { secretOf } from '../http/secret-value.ts';
import { keepConnected, type OriginConnection } from '../lasting-connection.ts';
import { messageVerdict } from '../message-verdict.ts';
import { refuseMessage } from '../patient-store.ts';
import { createTrouble, type Trouble } from '../trouble.ts';
import { pulsarEvent } from './message.ts';
import { parsePulsarSettings, type PulsarSettings } from './settings.ts';

const PARTITIONS_CHECK_MS = 30_000;

/**
 * Messages of Apache Pulsar's topics, through a subscription that has the event's name and outlives the
 * process. They are acknowledged when they are stored.
 * @param partitionsCheckMs how often the topics are looked at for new partitions
 */
export function createPulsarDriver(partitionsCheckMs = PARTITIONS_CHECK_MS): Driver {
  return createClientDriver({
    kind: 'pulsar',
    runsOn(value) {
      const { type } = parsePulsarSettings(isFields(value) ? value : {}, []);
      return type === 'Shared' ? 'EveryReplica' : 'OneReplica';
    },
    parse: parsePulsarSettings,
    start: (settings, context) => startPulsar({ settings, context, partitionsCheckMs }),
  });
}

interface Scope {
  readonly settings: PulsarSettings;
  readonly context: DriverContext;
  readonly partitionsCheckMs: number;
}

function startPulsar(scope: Scope): Promise<RunningDriver> {
  const { settings, context } = scope;
  const trouble = createTrouble(context);
  return keepConnected({
    name: `Pulsar at ${settings.url}`,
    trouble,
    waits: settings.waits,
    async open() {
      const client = createPulsarClient(settings.url, accessOf(settings, context));
      try {
        return await openConsumers(client, { ...scope, trouble });
      } catch (error) {
        client.close();
        throw new ArgosyError('UNAVAILABLE', innermostReason(error), { cause: error });
      }
    },
  });
}

function accessOf({ tls, token }: PulsarSettings, context: DriverContext): PulsarAccess {
  const { authorities, allowsUntrusted, allowsOtherHosts } = tls;
  return {
    token: token && secretOf(token, context).trim(),
    tls: {
      authorities: authorities && secretOf(authorities, context),
      allowsUntrusted,
      allowsOtherHosts,
    },
  };
}

/** One consumer for each topic, or for each of its partitions. */
async function openConsumers(
  client: PulsarClient,
  scope: Scope & { readonly trouble: Trouble },
): Promise<OriginConnection> {
  const { settings, context, trouble } = scope;
  const closing = new AbortController();
  const { signal } = closing;
  const partitions = await partitionsOf(client, settings.topics);
  const consumers: PulsarConsumer[] = [];
  for (const topic of partitions) {
    consumers.push(
      await subscribe(client, {
        topic,
        subscription: context.eventName,
        type: settings.type,
        consumerName: `${context.namespace}/${context.eventSource}`,
        take: (entry) => storeEntry(entry, { settings, context, trouble, signal }),
      }),
    );
  }
  const grown = Promise.withResolvers<string>();
  const check = setInterval(() => {
    partitionsOf(client, settings.topics)
      .then((found) => {
        if (found.length > partitions.length) grown.resolve('partitions were added');
      })
      // A broker that is lost is told of by the consumers.
      .catch(() => undefined);
  }, scope.partitionsCheckMs);
  return {
    lost: Promise.race([grown.promise, ...consumers.map(({ lost }) => lost)]),
    async close() {
      clearInterval(check);
      closing.abort();
      await Promise.all(consumers.map((consumer) => consumer.close()));
      client.close();
    },
  };
}

async function partitionsOf(
  client: PulsarClient,
  topics: readonly string[],
): Promise<readonly string[]> {
  return (await Promise.all(topics.map((topic) => client.partitionsOf(topic)))).flat();
}

/** Stores the messages of an entry in their order. @returns whether the broker may forget them */
async function storeEntry(
  entry: ReceivedEntry,
  scope: {
    readonly settings: PulsarSettings;
    readonly context: DriverContext;
    readonly trouble: Trouble;
    readonly signal: AbortSignal;
  },
): Promise<boolean> {
  if (!entry.messages.ok) {
    // It stays in the subscription, for a consumer that can read it.
    refuseMessage(scope.context, `${entry.topic}: ${entry.messages.error}`);
    return false;
  }
  for (const message of entry.messages.value) {
    const verdict = await messageVerdict(pulsarEvent(message, entry, scope), scope);
    if (verdict === 'Leave') return false;
  }
  return true;
}
