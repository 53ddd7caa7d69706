import { parseAzureAccount, type AzureAccount } from '../azure-account.ts';
import { flagField, metadataField, textField, type Fields } from '../http/settings.ts';

export interface AzureQueueStorageSettings {
  readonly account: AzureAccount;
  readonly queueName: string;
  /** Messages that can never be events stay in the queue, for whoever moves them away. */
  readonly hasDeadLetters: boolean;
  readonly decodesBase64: boolean;
  readonly jsonBody: boolean;
  /** Wait after the queue was empty, milliseconds. */
  readonly emptyWaitMs: number;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

const WAIT_SECONDS_DEFAULT = 3;
const WAIT_SECONDS_MAX = 3_600;
const SECOND_MS = 1_000;

/** Reads `spec.azureQueueStorage.<event>`. */
export function parseAzureQueueStorageSettings(
  fields: Fields,
  problems: string[],
): AzureQueueStorageSettings {
  const queueName = textField(fields, 'queueName', problems);
  if (queueName === '') problems.push('queueName is missing; name the queue to read');
  const seconds = fields['waitTimeInSeconds'] ?? WAIT_SECONDS_DEFAULT;
  const isWait = typeof seconds === 'number' && seconds >= 0 && seconds <= WAIT_SECONDS_MAX;
  if (!isWait) problems.push(`waitTimeInSeconds must be a number from 0 to ${WAIT_SECONDS_MAX}`);
  return {
    account: parseAzureAccount(fields, 'storageAccountName', problems),
    queueName,
    hasDeadLetters: flagField(fields, 'dlq', problems),
    decodesBase64: flagField(fields, 'decodeMessage', problems),
    jsonBody: flagField(fields, 'jsonBody', problems),
    emptyWaitMs: isWait ? seconds * SECOND_MS : 0,
    metadata: metadataField(fields, problems),
  };
}
