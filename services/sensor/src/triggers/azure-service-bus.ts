import { err, ok, type Result } from '@argosy/base';
import type { ServiceBusClient, ServiceBusSender } from '@azure/service-bus';
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
  readonly entity: string;
  readonly payload: string;
}

interface Open {
  readonly client: ServiceBusClient;
  readonly sender: ServiceBusSender;
}

/**
 * Sends a JSON payload to a queue or a topic of Azure Service Bus. Done when the service has it. The firing's
 * id is the message's, so that an entity with duplicate detection keeps a repetition once.
 */
export function createAzureServiceBusTrigger(): TriggerKind {
  const connections = createIdleConnections<Open>(({ client }) => client.close());
  return {
    kind: 'azureServiceBus',
    problems(settings) {
      const required = { payload: 'list the parameters that make up the message' };
      const problems = [...requiredProblems(settings, required)];
      const names = [settings['queueName'], settings['topicName']].filter(textOf);
      if (names.length !== 1) problems.push('exactly one of queueName and topicName must be set');
      const { connectionString, fullyQualifiedNamespace, tls } = settings;
      if ((connectionString ?? fullyQualifiedNamespace ?? '') === '') {
        problems.push(
          'connectionString is missing; name its Secret, or set fullyQualifiedNamespace',
        );
      }
      if ((tls ?? undefined) !== undefined) {
        problems.push('tls is not supported here; add the authority to NODE_EXTRA_CA_CERTS');
      }
      return problems;
    },
    async run(call, { values }) {
      const message = messageOf(call, values);
      if (!message.ok) return { kind: 'Refused', reason: message.error };
      const { access, entity, payload } = message.value;
      const key = JSON.stringify([access, entity]);
      try {
        const { sender } = await connections.use(key, () => openSender(access, entity));
        const content = {
          body: Buffer.from(payload),
          messageId: call.firingId,
          contentType: 'application/json',
          applicationProperties: { 'Diagnostic-Id': call.traceparent },
        };
        await sender.sendMessages(content, { abortSignal: call.signal });
        return { kind: 'Done' };
      } catch (error) {
        await connections.drop(key);
        return azureOutcome(error, call);
      }
    },
    close: () => connections.closeAll(),
  };
}

function messageOf(call: TriggerCall, values: ValueLookup): Result<Outgoing, string> {
  const applied = appliedSettings(call);
  if (!applied.ok) return applied;
  const settings = applied.value;
  const entity = textOf(settings['queueName']) ?? textOf(settings['topicName']);
  if (entity === undefined) return err('queueName or topicName must be set');
  const access = azureAccessOf(settings, 'fullyQualifiedNamespace', { call, values });
  if (!access.ok) return access;
  const payload = call.payload(settings['payload']);
  return payload.ok ? ok({ access: access.value, entity, payload: payload.value }) : payload;
}

async function openSender(access: AzureAccess, entity: string): Promise<Open> {
  const { ServiceBusClient: Client } = await import('@azure/service-bus');
  const options = { retryOptions: AZURE_RETRIES };
  const client =
    access.kind === 'ConnectionString'
      ? fromConnectionString(() => new Client(access.text, options))
      : new Client(access.host, await azureIdentity(), options);
  return { client, sender: client.createSender(entity) };
}
