import { parseAwsAccount, type AwsAccount } from '../aws-account.ts';
import { flagField, metadataField, textField, type Fields } from '../http/settings.ts';

export interface SqsSettings {
  readonly account: AwsAccount;
  readonly queue: string;
  /** The account that owns the queue, if it is another one. */
  readonly queueAccountId: string | undefined;
  readonly waitSeconds: number;
  readonly isJson: boolean;
  /** Whether the queue has a dead-letter queue, which gets what can never be an event. */
  readonly hasDeadLetters: boolean;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** As Argo Events has it; 0 means the default too. */
const WAIT_SECONDS_DEFAULT = 3;
/** SQS allows no more. */
const WAIT_SECONDS_MAX = 20;

/** Reads `spec.sqs.<event>`. */
export function parseSqsSettings(fields: Fields, problems: string[]): SqsSettings {
  const queue = textField(fields, 'queue', problems);
  if (queue === '') problems.push("queue is missing; set the queue's name, not its url");
  if (queue.includes('/')) problems.push("queue must be the queue's name, not its url");
  const queueAccountId = textField(fields, 'queueAccountId', problems);
  return {
    account: parseAwsAccount(fields, problems),
    queue,
    queueAccountId: queueAccountId === '' ? undefined : queueAccountId,
    waitSeconds: waitSecondsOf(fields['waitTimeSeconds'], problems),
    isJson: flagField(fields, 'jsonBody', problems),
    hasDeadLetters: flagField(fields, 'dlq', problems),
    metadata: metadataField(fields, problems),
  };
}

function waitSecondsOf(value: unknown, problems: string[]): number {
  if (value === undefined || value === null || value === 0) return WAIT_SECONDS_DEFAULT;
  const isGood = Number.isInteger(value) && Number(value) > 0 && Number(value) <= WAIT_SECONDS_MAX;
  if (isGood) return Number(value);
  problems.push(`waitTimeSeconds must be a whole number of seconds from 1 to ${WAIT_SECONDS_MAX}`);
  return WAIT_SECONDS_DEFAULT;
}
