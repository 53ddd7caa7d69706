import { ArgosyError } from '@argosy/base';
import {
  connectOutsideNats,
  type OutsideConsumer,
  type OutsideDelivery,
  type OutsideNats,
} from '@argosy/bus';
import { createClientDriver } from '../client-driver.ts';
import type { Driver, DriverContext, RunningDriver } from '../driver.ts';
import { keepConnected, type OriginConnection } from '../lasting-connection.ts';
import { natsEvent } from '../nats-message.ts';
import { natsOptionsOf } from '../nats-connection.ts';
import { refuseMessage, storePatiently } from '../patient-store.ts';
import { stableId } from '../stable-id.ts';
import { createTrouble, type Trouble } from '../trouble.ts';
import { parseJetStreamSettings, type JetStreamSettings } from './settings.ts';

/**
 * The messages of a JetStream stream, by a durable consumer: each is acknowledged after its event is stored,
 * and its place in the stream makes the event's id, so that one that comes again is stored once.
 */
export function createJetStreamDriver(): Driver {
  return createClientDriver({
    kind: 'jetstream',
    runsOn: 'OneReplica',
    parse: parseJetStreamSettings,
    start: startJetStream,
  });
}

interface Scope {
  readonly settings: JetStreamSettings;
  readonly context: DriverContext;
  readonly trouble: Trouble;
}

/** Part of the time that a message may be in hand after which the server is told that it takes longer. */
const WORKING_SHARE = 1 / 3;

async function startJetStream(
  settings: JetStreamSettings,
  context: DriverContext,
): Promise<RunningDriver> {
  const { server, stream, subject, deliver } = settings;
  const trouble = createTrouble(context);
  const scope = { settings, context, trouble };
  const durable = settings.durable ?? `argosy-${stableId(context, stream)}`;
  return keepConnected({
    name: `the stream ${stream} of the NATS server ${server.url}`,
    trouble,
    waits: server.waits,
    async open() {
      const connection = await connectOutsideNats(natsOptionsOf(server, context));
      try {
        const filter = subject === undefined ? {} : { subject };
        const consumer = await connection.consume({ stream, durable, deliver, ...filter });
        return follow(connection, consumer, scope);
      } catch (error) {
        await connection[Symbol.asyncDispose]();
        throw error;
      }
    },
  });
}

/** Takes message after message until the connection is closed or trouble ends it. */
function follow(
  connection: OutsideNats,
  consumer: OutsideConsumer,
  scope: Scope,
): OriginConnection {
  const closing = new AbortController();

  async function run(): Promise<string> {
    while (!closing.signal.aborted) {
      const delivery = await consumer.next();
      if (delivery === undefined) continue;
      if (closing.signal.aborted) delivery.nak();
      else await handle(delivery, consumer.ackWaitMs, { ...scope, signal: closing.signal });
    }
    return 'it was closed';
  }

  const running = run().catch((error: unknown) => ArgosyError.fromUnknown(error).message);
  return {
    lost: Promise.race([connection.lost, running]),
    async close() {
      closing.abort();
      if (!connection.isOpen) return;
      await running;
      await connection[Symbol.asyncDispose]();
    },
  };
}

async function handle(
  delivery: OutsideDelivery,
  ackWaitMs: number,
  scope: Scope & { readonly signal: AbortSignal },
): Promise<void> {
  const { settings, context } = scope;
  const event = natsEvent(delivery, settings);
  if (!event.ok) {
    refuseMessage(context, event.error);
    delivery.refuse();
    return;
  }
  // A stream that is made anew counts from 1 again: the time tells the two apart.
  const { stream, sequence, storedAtNs } = delivery;
  const id = stableId(context, stream, sequence, storedAtNs);
  const working = setInterval(() => delivery.working(), ackWaitMs * WORKING_SHARE);
  try {
    const outcome = await storePatiently({ ...event.value, id }, scope);
    if (outcome.kind === 'Stored') delivery.ack();
    else if (outcome.kind === 'Impossible') delivery.refuse();
    else delivery.nak();
  } finally {
    clearInterval(working);
  }
}
