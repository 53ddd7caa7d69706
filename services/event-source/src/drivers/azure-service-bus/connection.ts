import { ArgosyError } from '@argosy/base';
import type {
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
} from '@azure/service-bus';
import {
  azureAccessOf,
  azureIdentity,
  azureReason,
  fromConnectionString,
  type AzureAccess,
} from '../azure-account.ts';
import type { DriverContext } from '../driver.ts';
import type { OriginConnection } from '../lasting-connection.ts';
import type { MessageVerdict } from '../message-verdict.ts';
import { createHeldLocks } from './locks.ts';
import type { AzureServiceBusSettings } from './settings.ts';

/** Messages that are fetched ahead of the one in hand. */
const AHEAD = 16;
const CALL_TIMEOUT_MS = 20_000;
const WHY_DEAD = 'it cannot become an event';
const DEAD_LETTER = { deadLetterReason: WHY_DEAD, deadLetterErrorDescription: WHY_DEAD };

export type MessageHandler = (
  message: ServiceBusReceivedMessage,
  scope: { readonly signal: AbortSignal },
) => Promise<MessageVerdict>;

/**
 * Connects and receives under locks. Messages are handled one after the other, in the order they come.
 * @throws ArgosyError when the namespace or the entity cannot be used.
 */
export async function openServiceBus(
  settings: AzureServiceBusSettings,
  context: DriverContext,
  handle: MessageHandler,
): Promise<OriginConnection> {
  const client = await createClient(azureAccessOf(settings.account, context));
  const receiver = receiverOf(client, settings);
  const over = new AbortController();
  const { promise: lost, resolve: tellLost } = Promise.withResolvers<string>();
  let handled = Promise.resolve();
  try {
    // Says at once what is wrong with the address, the keys or the entity.
    await receiver.peekMessages(1);
  } catch (error) {
    await client.close();
    throw new ArgosyError('UNAVAILABLE', azureReason(error), { cause: error });
  }
  const tell = (error: unknown): void => {
    const reason = azureReason(error);
    context.logger.debug({ reason }, 'a message will be delivered again');
  };
  const locks = createHeldLocks(receiver, tell);
  const scope = { receiver, handle, signal: over.signal, tell };
  const subscription = receiver.subscribe(
    {
      processMessage(message) {
        locks.hold(message);
        handled = handled.then(() => handleOne(message, scope)).then(() => locks.letGo(message));
        return handled;
      },
      processError({ error, errorSource }) {
        // Anything else concerns single messages, which are delivered again.
        if (errorSource === 'receive') tellLost(azureReason(error));
        else tell(error);
        return Promise.resolve();
      },
    },
    { autoCompleteMessages: false, maxConcurrentCalls: AHEAD },
  );
  return {
    lost,
    async close() {
      over.abort();
      await subscription.close().catch(() => undefined);
      await handled;
      locks.stop();
      await client.close().catch(() => undefined);
    },
  };
}

async function handleOne(
  message: ServiceBusReceivedMessage,
  scope: {
    readonly receiver: ServiceBusReceiver;
    readonly handle: MessageHandler;
    readonly signal: AbortSignal;
    readonly tell: (error: unknown) => void;
  },
): Promise<void> {
  const { receiver, handle, signal, tell } = scope;
  const verdict = signal.aborted ? 'Leave' : await handle(message, { signal });
  try {
    if (verdict === 'Acknowledge') await receiver.completeMessage(message);
    if (verdict === 'Reject') await receiver.deadLetterMessage(message, DEAD_LETTER);
    if (verdict === 'Leave') await receiver.abandonMessage(message);
  } catch (error) {
    // Its lock ends by itself; then it is delivered again, and its event is known by its id.
    tell(error);
  }
}

function receiverOf(
  client: ServiceBusClient,
  { entity }: AzureServiceBusSettings,
): ServiceBusReceiver {
  const options = {
    receiveMode: 'peekLock',
    skipParsingBodyAsJson: true,
    maxAutoLockRenewalDurationInMs: 0,
  } as const;
  return entity.kind === 'Queue'
    ? client.createReceiver(entity.queue, options)
    : client.createReceiver(entity.topic, entity.subscription, options);
}

async function createClient(access: AzureAccess): Promise<ServiceBusClient> {
  const { ServiceBusClient: Client } = await import('@azure/service-bus');
  // Whoever keeps the connection tries again; here it is only to be found out soon.
  const options = { retryOptions: { maxRetries: 0, timeoutInMs: CALL_TIMEOUT_MS } };
  return access.kind === 'ConnectionString'
    ? fromConnectionString(() => new Client(access.text, options))
    : new Client(access.name, await azureIdentity(), options);
}
