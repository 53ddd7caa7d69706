import type { Message } from '@google-cloud/pubsub';
import { pause } from '@argosy/shell';
import { createClientDriver } from '../client-driver.ts';
import type { Driver, DriverContext } from '../driver.ts';
import { keepConnected, type OriginConnection } from '../lasting-connection.ts';
import { refuseMessage, storePatiently } from '../patient-store.ts';
import { createTrouble, type Trouble } from '../trouble.ts';
import { pubSubEvent } from './message.ts';
import { parsePubSubSettings, type PubSubSettings } from './settings.ts';
import { ensureSubscription, pubSubClient, subscriptionOf } from './subscription.ts';

/** Wait before a message that is no event is given back, so that it does not come at once again. */
const REFUSED_PAUSE_MS = 10_000;

/** Messages of a subscription of Google Cloud Pub/Sub, acknowledged after they are stored. */
export function createPubSubDriver(): Driver {
  return createClientDriver({
    kind: 'pubSub',
    runsOn: 'OneReplica',
    parse: parsePubSubSettings,
    async start(settings, context) {
      const trouble = createTrouble(context);
      const connection = await keepConnected({
        name: 'Pub/Sub',
        trouble,
        open: () => openSubscription({ settings, context, trouble }),
      });
      return {
        health: () => connection.health(),
        async stop(ending) {
          await connection.stop();
          if (ending === 'Removed' && settings.isDeletedAtEnd) {
            await deleteSubscription(settings, context);
          }
        },
      };
    },
  });
}

interface Scope {
  readonly settings: PubSubSettings;
  readonly context: DriverContext;
  readonly trouble: Trouble;
}

async function openSubscription(scope: Scope): Promise<OriginConnection> {
  const { settings, context, trouble } = scope;
  const client = await pubSubClient(settings, context);
  const subscription = subscriptionOf(client, settings, context);
  try {
    await ensureSubscription(client, subscription, settings);
  } catch (error) {
    await client.close();
    throw error;
  }
  const closing = new AbortController();
  const { signal } = closing;

  async function handle(message: Message): Promise<void> {
    const event = pubSubEvent(message, settings, context);
    if (!event.ok) {
      refuseMessage(context, event.error);
      void pause(REFUSED_PAUSE_MS, signal).then(() => message.nack());
      return;
    }
    const outcome = signal.aborted
      ? 'Stopped'
      : (await storePatiently(event.value, { context, trouble, signal })).kind;
    if (outcome === 'Stored') message.ack();
    else if (outcome === 'Stopped') message.nack();
    else void pause(REFUSED_PAUSE_MS, signal).then(() => message.nack());
  }

  // One after the other, in the order they come.
  let handled = Promise.resolve();
  subscription.on('message', (message: Message) => {
    handled = handled.then(() => handle(message));
  });
  const lost = new Promise<string>((resolve) => {
    subscription.on('error', (error: Error) => resolve(error.message));
  });
  return {
    lost,
    async close() {
      closing.abort();
      await handled;
      await subscription.close();
      await client.close();
    },
  };
}

async function deleteSubscription(settings: PubSubSettings, context: DriverContext): Promise<void> {
  try {
    const client = await pubSubClient(settings, context);
    await subscriptionOf(client, settings, context).delete();
    await client.close();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    context.logger.warn({ reason }, 'the subscription was not deleted; delete it by hand');
  }
}
