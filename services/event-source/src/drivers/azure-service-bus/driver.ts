import { createClientDriver } from '../client-driver.ts';
import type { Driver } from '../driver.ts';
import { keepConnected } from '../lasting-connection.ts';
import { messageVerdict } from '../message-verdict.ts';
import { createTrouble } from '../trouble.ts';
import { openServiceBus, type MessageHandler } from './connection.ts';
import { serviceBusEvent } from './message.ts';
import { parseAzureServiceBusSettings } from './settings.ts';

/** Messages of a queue or a subscription of Azure Service Bus, completed there when they are stored. */
export function createAzureServiceBusDriver(): Driver {
  return createClientDriver({
    kind: 'azureServiceBus',
    // So that messages are stored in the order of the entity.
    runsOn: 'OneReplica',
    parse: parseAzureServiceBusSettings,
    start(settings, context) {
      const trouble = createTrouble(context);
      const handle: MessageHandler = (message, { signal }) =>
        messageVerdict(serviceBusEvent(message, settings, context), { context, trouble, signal });
      return keepConnected({
        name: 'Azure Service Bus',
        open: () => openServiceBus(settings, context, handle),
        trouble,
      });
    },
  });
}
