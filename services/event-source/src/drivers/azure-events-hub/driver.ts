import { createClientDriver } from '../client-driver.ts';
import type { Driver } from '../driver.ts';
import { keepConnected } from '../lasting-connection.ts';
import { storePatiently } from '../patient-store.ts';
import { createTrouble } from '../trouble.ts';
import { openEventsHub, type HubEventHandler } from './connection.ts';
import { eventsHubEvent } from './message.ts';
import { parseAzureEventsHubSettings } from './settings.ts';

/** Events of all partitions of an event hub of Azure, read on from behind what is stored. */
export function createAzureEventsHubDriver(): Driver {
  return createClientDriver({
    kind: 'azureEventsHub',
    // Each reader of a partition gets all its events.
    runsOn: 'OneReplica',
    parse: parseAzureEventsHubSettings,
    start(settings, context) {
      const trouble = createTrouble(context);
      const handle: HubEventHandler = async (event, partitionId, signal) => {
        const made = eventsHubEvent(event, partitionId, { settings, context });
        return (await storePatiently(made, { context, trouble, signal })).kind !== 'Stopped';
      };
      return keepConnected({
        name: 'Azure Event Hubs',
        open: () => openEventsHub(settings, context, handle),
        trouble,
      });
    },
  });
}
