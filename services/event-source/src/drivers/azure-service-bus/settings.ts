import { parseAzureAccount, type AzureAccount } from '../azure-account.ts';
import { flagField, metadataField, textField, type Fields } from '../http/settings.ts';

/** Where messages are read from. */
export type ServiceBusEntity =
  | { readonly kind: 'Queue'; readonly queue: string }
  | { readonly kind: 'Subscription'; readonly topic: string; readonly subscription: string };

export interface AzureServiceBusSettings {
  readonly account: AzureAccount;
  readonly entity: ServiceBusEntity;
  readonly jsonBody: boolean;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/**
 * Reads `spec.azureServiceBus.<event>`. `deferDelete` changes nothing: a message is completed after its event
 * is stored, never taken out before.
 */
export function parseAzureServiceBusSettings(
  fields: Fields,
  problems: string[],
): AzureServiceBusSettings {
  flagField(fields, 'deferDelete', problems);
  if (fields['tls'] !== undefined && fields['tls'] !== null) {
    problems.push('tls is not supported here; add the authority to NODE_EXTRA_CA_CERTS');
  }
  return {
    account: parseAzureAccount(fields, 'fullyQualifiedNamespace', problems),
    entity: parseEntity(fields, problems),
    jsonBody: flagField(fields, 'jsonBody', problems),
    metadata: metadataField(fields, problems),
  };
}

function parseEntity(fields: Fields, problems: string[]): ServiceBusEntity {
  const queue = textField(fields, 'queueName', problems);
  const topic = textField(fields, 'topicName', problems);
  const subscription = textField(fields, 'subscriptionName', problems);
  if (queue !== '') {
    if (topic !== '' || subscription !== '') {
      problems.push('only one of queueName and topicName with subscriptionName can be set');
    }
    return { kind: 'Queue', queue };
  }
  if (topic === '' && subscription === '') {
    problems.push('queueName is missing; set it, or topicName and subscriptionName');
  } else if (topic === '') problems.push('topicName is missing; it goes with subscriptionName');
  else if (subscription === '')
    problems.push('subscriptionName is missing; it goes with topicName');
  return { kind: 'Subscription', topic, subscription };
}
