import { ArgosyError } from '@argosy/base';
import { pause } from '@argosy/shell';
import type { EventHubConsumerClient, EventPosition, ReceivedEventData } from '@azure/event-hubs';
import { azureIdentity, azureReason, fromConnectionString } from '../azure-account.ts';
import type { DriverContext } from '../driver.ts';
import { secretOf } from '../http/secret-value.ts';
import type { OriginConnection } from '../lasting-connection.ts';
import { loadPositions, type Positions } from './positions.ts';
import type { AzureEventsHubSettings } from './settings.ts';

const CONSUMER_GROUP = '$Default';
const CALL_TIMEOUT_MS = 20_000;
/** Events of one partition that are handed over at once. */
const BATCH = 100;
const BATCH_WAIT_SECONDS = 1;

/** How often the namespace is asked whether it is there; the client tries again without a word. */
const PROBE_MS = 10_000;

/** Stores one event. @returns false when it is not stored and nothing after it is to be. */
export type HubEventHandler = (
  event: ReceivedEventData,
  partitionId: string,
  signal: AbortSignal,
) => Promise<boolean>;

/**
 * Reads all partitions from behind what is stored; those that were never read, from now on.
 * @throws ArgosyError when the namespace or the hub cannot be used.
 */
export async function openEventsHub(
  settings: AzureEventsHubSettings,
  context: DriverContext,
  handle: HubEventHandler,
): Promise<OriginConnection> {
  const client = await createClient(settings, context);
  const over = new AbortController();
  const { promise: lost, resolve: tellLost } = Promise.withResolvers<string>();
  try {
    const positions = await loadPositions(context.checkpoint, settings.hubName);
    const startPosition = await startPositions(client, positions);
    const take = async (events: readonly ReceivedEventData[], partitionId: string) => {
      try {
        await storeAll(events, partitionId, { handle, positions, signal: over.signal });
      } catch (error) {
        tellLost(ArgosyError.fromUnknown(error).message);
      }
    };
    const subscription = client.subscribe(
      {
        processEvents: (events, { partitionId }) => take(events, partitionId),
        processError(error) {
          tellLost(azureReason(error));
          return Promise.resolve();
        },
      },
      {
        startPosition,
        maxBatchSize: BATCH,
        maxWaitTimeInSeconds: BATCH_WAIT_SECONDS,
        skipParsingBodyAsJson: true,
      },
    );
    const probing = probe(client, over.signal, tellLost);
    return {
      lost,
      async close() {
        over.abort();
        await probing;
        await subscription.close().catch(() => undefined);
        await client.close().catch(() => undefined);
      },
    };
  } catch (error) {
    await client.close().catch(() => undefined);
    throw new ArgosyError('UNAVAILABLE', azureReason(error), { cause: error });
  }
}

async function probe(
  client: EventHubConsumerClient,
  signal: AbortSignal,
  tellLost: (reason: string) => void,
): Promise<void> {
  for (;;) {
    await pause(PROBE_MS, signal);
    if (signal.aborted) return;
    try {
      await client.getPartitionIds({ abortSignal: signal });
    } catch (error) {
      tellLost(azureReason(error));
      return;
    }
  }
}

/** Where a partition begins is kept before the first event comes, so that none is missed after a restart. */
async function startPositions(
  client: EventHubConsumerClient,
  positions: Positions,
): Promise<Record<string, EventPosition>> {
  const found: Record<string, EventPosition> = {};
  for (const partitionId of await client.getPartitionIds()) {
    let offset = positions.get(partitionId);
    if (offset === undefined) {
      offset = (await client.getPartitionProperties(partitionId)).lastEnqueuedOffset;
      await positions.save(partitionId, offset);
    }
    found[partitionId] = { offset, isInclusive: false };
  }
  return found;
}

/** Keeps how far it got after each batch; what was stored and not noted is known by its ids. */
async function storeAll(
  events: readonly ReceivedEventData[],
  partitionId: string,
  scope: {
    readonly handle: HubEventHandler;
    readonly positions: Positions;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  let offset: string | undefined;
  for (const event of events) {
    if (scope.signal.aborted || !(await scope.handle(event, partitionId, scope.signal))) break;
    offset = event.offset;
  }
  if (offset !== undefined) await scope.positions.save(partitionId, offset);
}

async function createClient(
  { account, hubName }: AzureEventsHubSettings,
  context: DriverContext,
): Promise<EventHubConsumerClient> {
  const { EventHubConsumerClient: Client } = await import('@azure/event-hubs');
  const options = { retryOptions: { maxRetries: 0, timeoutInMs: CALL_TIMEOUT_MS } };
  const byText = (text: string): EventHubConsumerClient =>
    fromConnectionString(() => new Client(CONSUMER_GROUP, text, hubName, options));
  switch (account.kind) {
    case 'ConnectionString':
      return byText(secretOf(account.secret, context).trim());
    case 'Keys': {
      const [name, key] = [secretOf(account.name, context), secretOf(account.key, context)];
      const keys = `SharedAccessKeyName=${name.trim()};SharedAccessKey=${key.trim()}`;
      return byText(`Endpoint=sb://${account.fqdn}/;${keys}`);
    }
    case 'Identity':
      return new Client(CONSUMER_GROUP, account.fqdn, hubName, await azureIdentity(), options);
  }
}
