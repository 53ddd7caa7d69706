import { err, ok, type Result } from '@argosy/base';
import type { EventHubProducerClient } from '@azure/event-hubs';
import {
  AZURE_RETRIES,
  azureAccessOf,
  azureIdentity,
  azureOutcome,
  fromConnectionString,
  type AzureAccess,
} from './azure-account.ts';
import { appliedSettings, requiredProblems, textOf } from './call-settings.ts';
import { createIdleConnections } from './idle-connections.ts';
import type { TriggerCall, TriggerKind, ValueLookup } from './trigger.ts';

interface Outgoing {
  readonly access: AzureAccess;
  readonly hub: string;
  readonly payload: string;
}

const REQUIRED = {
  hubName: 'name the event hub to send to',
  payload: 'list the parameters that make up the event',
};

/** Sends a JSON payload to an event hub of Azure, with the firing's id. Done when the service has it. */
export function createAzureEventHubsTrigger(): TriggerKind {
  const connections = createIdleConnections<EventHubProducerClient>((client) => client.close());
  return {
    kind: 'azureEventHubs',
    problems(settings) {
      const problems = [...requiredProblems(settings, REQUIRED)];
      const { connectionString, fqdn, sharedAccessKey, sharedAccessKeyName } = settings;
      if ((connectionString ?? fqdn ?? '') === '') {
        problems.push('fqdn is missing; set the host of the namespace, or name connectionString');
      }
      if ((sharedAccessKey === undefined) !== (sharedAccessKeyName === undefined)) {
        problems.push('sharedAccessKey and sharedAccessKeyName go together');
      }
      return problems;
    },
    async run(call, { values }) {
      const event = eventOf(call, values);
      if (!event.ok) return { kind: 'Refused', reason: event.error };
      const { access, hub, payload } = event.value;
      const key = JSON.stringify([access, hub]);
      try {
        const producer = await connections.use(key, () => openProducer(access, hub));
        const content = {
          body: Buffer.from(payload),
          messageId: call.firingId,
          contentType: 'application/json',
          properties: { 'Diagnostic-Id': call.traceparent },
        };
        await producer.sendBatch([content], { abortSignal: call.signal });
        return { kind: 'Done' };
      } catch (error) {
        await connections.drop(key);
        return azureOutcome(error, call);
      }
    },
    close: () => connections.closeAll(),
  };
}

function eventOf(call: TriggerCall, values: ValueLookup): Result<Outgoing, string> {
  const applied = appliedSettings(call);
  if (!applied.ok) return applied;
  const settings = applied.value;
  const hub = textOf(settings['hubName']);
  if (hub === undefined) return err('hubName must be set');
  const access = azureAccessOf(settings, 'fqdn', { call, values });
  if (!access.ok) return access;
  const payload = call.payload(settings['payload']);
  return payload.ok ? ok({ access: access.value, hub, payload: payload.value }) : payload;
}

async function openProducer(access: AzureAccess, hub: string): Promise<EventHubProducerClient> {
  const { EventHubProducerClient: Client } = await import('@azure/event-hubs');
  const options = { retryOptions: AZURE_RETRIES };
  return access.kind === 'ConnectionString'
    ? fromConnectionString(() => new Client(access.text, hub, options))
    : new Client(access.host, hub, await azureIdentity(), options);
}
