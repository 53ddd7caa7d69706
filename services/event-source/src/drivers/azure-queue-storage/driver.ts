import { ArgosyError } from '@argosy/base';
import { pause } from '@argosy/shell';
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import {
  azureAccessOf,
  azureIdentity,
  azureReason,
  fromConnectionString,
  type AzureAccess,
} from '../azure-account.ts';
import { createClientDriver } from '../client-driver.ts';
import type { Driver, DriverContext } from '../driver.ts';
import { startPulling, type PulledQueue } from '../pulling.ts';
import { azureQueueEvent } from './message.ts';
import { parseAzureQueueStorageSettings, type AzureQueueStorageSettings } from './settings.ts';

const BATCH = 10;
/** How long received messages are hidden from other receivers. */
const HIDDEN_SECONDS = 120;
const SECOND_MS = 1_000;
const CALL_TIMEOUT_MS = 30_000;
/** The client's own tries; what goes on for longer is told and tried again by whoever pulls. */
const TRIES = 2;

/** Messages of a queue of Azure Storage, deleted there after they are stored. Replicas share the queue. */
export function createAzureQueueStorageDriver(): Driver {
  return createClientDriver({
    kind: 'azureQueueStorage',
    runsOn: 'EveryReplica',
    parse: parseAzureQueueStorageSettings,
    start: (settings, context) =>
      Promise.resolve(startPulling(azureQueue(settings, context), context)),
  });
}

function azureQueue(
  settings: AzureQueueStorageSettings,
  context: DriverContext,
): PulledQueue<DequeuedMessageItem> {
  let known: { readonly key: string; readonly client: QueueClient } | undefined;

  /** The client for the keys as they are now. */
  async function clientNow(): Promise<QueueClient> {
    const access = azureAccessOf(settings.account, context);
    const key = JSON.stringify(access);
    if (known?.key !== key) known = { key, client: await createClient(access, settings.queueName) };
    return known.client;
  }

  return {
    unreadable: settings.hasDeadLetters ? 'Left' : 'Removed',
    heldMs: HIDDEN_SECONDS * SECOND_MS,
    eventOf: (message) => azureQueueEvent(message, settings, context),
    async receive(signal) {
      const client = await clientNow();
      const { receivedMessageItems } = await told(() =>
        client.receiveMessages({
          numberOfMessages: BATCH,
          visibilityTimeout: HIDDEN_SECONDS,
          abortSignal: signal,
        }),
      );
      if (receivedMessageItems.length === 0) await pause(settings.emptyWaitMs, signal);
      return receivedMessageItems;
    },
    async remove(messages) {
      const client = await clientNow();
      const removals = messages.map(({ messageId, popReceipt }) =>
        told(() => client.deleteMessage(messageId, popReceipt)),
      );
      await Promise.all(removals);
    },
    close: () => Promise.resolve(),
  };
}

async function createClient(access: AzureAccess, queueName: string): Promise<QueueClient> {
  const { QueueServiceClient } = await import('@azure/storage-queue');
  const options = { retryOptions: { maxTries: TRIES, tryTimeoutInMs: CALL_TIMEOUT_MS } };
  const service =
    access.kind === 'ConnectionString'
      ? fromConnectionString(() => QueueServiceClient.fromConnectionString(access.text, options))
      : new QueueServiceClient(
          `https://${access.name}.queue.core.windows.net/`,
          await azureIdentity(),
          options,
        );
  return service.getQueueClient(queueName);
}

async function told<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new ArgosyError('UNAVAILABLE', `Azure Storage: ${azureReason(error)}`, { cause: error });
  }
}
