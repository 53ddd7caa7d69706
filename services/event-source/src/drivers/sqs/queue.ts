import type * as SdkModule from '@aws-sdk/client-sqs';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { ArgosyError } from '@argosy/base';
import { awsCredentials } from '@argosy/shell';
import { awsIdentity } from '../aws-account.ts';
import type { DriverContext } from '../driver.ts';
import type { PulledQueue } from '../pulling.ts';
import { sqsEvent } from './message.ts';
import type { SqsSettings } from './settings.ts';

/** Most that SQS gives and takes in one call. */
const BATCH_LENGTH = 10;
/** How long received messages are hidden from other receivers; as Argo Events has it. */
const VISIBILITY_SECONDS = 120;
/** How long SQS may take to answer beyond the wait that it was asked for. */
const ANSWER_TIMEOUT_MS = 15_000;
const REMOVE_TRIES_MAX = 3;

type Sdk = typeof SdkModule;

/** An open queue, with what it was opened with. */
interface OpenQueue {
  readonly client: SQSClient;
  readonly url: string;
  readonly identityText: string;
}

/** A queue of Amazon SQS. It is opened anew after trouble and when the keys in the Secrets change. */
export async function createSqsQueue(
  settings: SqsSettings,
  context: DriverContext,
): Promise<PulledQueue<Message>> {
  const sdk = await import('@aws-sdk/client-sqs');
  let open: OpenQueue | undefined;

  function close(): void {
    open?.client.destroy();
    open = undefined;
  }

  async function opened(signal: AbortSignal): Promise<OpenQueue> {
    const identityText = JSON.stringify(awsIdentity(settings.account, context));
    if (open?.identityText !== identityText) close();
    open ??= { ...(await openQueue(sdk, { settings, context, signal })), identityText };
    return open;
  }

  return {
    heldMs: VISIBILITY_SECONDS * 1_000,
    unreadable: settings.hasDeadLetters ? 'Left' : 'Removed',
    eventOf: (message) => sqsEvent(message, settings, context),
    async receive(signal) {
      try {
        const { client, url } = await opened(signal);
        const command = new sdk.ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: BATCH_LENGTH,
          MessageAttributeNames: ['All'],
          VisibilityTimeout: VISIBILITY_SECONDS,
          WaitTimeSeconds: settings.waitSeconds,
        });
        const timeout = AbortSignal.timeout(settings.waitSeconds * 1_000 + ANSWER_TIMEOUT_MS);
        const abortSignal = AbortSignal.any([signal, timeout]);
        const answer = await client.send(command, { abortSignal });
        return answer.Messages ?? [];
      } catch (error) {
        close();
        throw sqsTrouble(error, settings.queue);
      }
    },
    remove: (messages) =>
      open === undefined ? Promise.resolve() : removeAll(sdk, open, messages, settings.queue),
    close: () => Promise.resolve(close()),
  };
}

async function openQueue(
  sdk: Sdk,
  parts: {
    readonly settings: SqsSettings;
    readonly context: DriverContext;
    readonly signal: AbortSignal;
  },
): Promise<Pick<OpenQueue, 'client' | 'url'>> {
  const { account, queue, queueAccountId } = parts.settings;
  const client = new sdk.SQSClient({
    region: account.region,
    credentials: await awsCredentials(awsIdentity(account, parts.context)),
    ...(account.endpoint === '' ? {} : { endpoint: account.endpoint }),
  });
  const command = new sdk.GetQueueUrlCommand({
    QueueName: queue,
    ...(queueAccountId === undefined ? {} : { QueueOwnerAWSAccountId: queueAccountId }),
  });
  const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const abortSignal = AbortSignal.any([parts.signal, timeout]);
  try {
    const { QueueUrl: url } = await client.send(command, { abortSignal });
    if (url === undefined) throw new Error('the answer has no QueueUrl');
    return { client, url };
  } catch (error) {
    client.destroy();
    throw error;
  }
}

/** What SQS could not delete comes again after its visibility timeout; the bus then drops it. */
async function removeAll(
  sdk: Sdk,
  { client, url }: OpenQueue,
  messages: readonly Message[],
  queue: string,
): Promise<void> {
  let left = messages.map((message, index) => ({
    Id: String(index),
    ReceiptHandle: message.ReceiptHandle,
  }));
  for (let attempt = 1; left.length > 0; attempt += 1) {
    try {
      const command = new sdk.DeleteMessageBatchCommand({ QueueUrl: url, Entries: left });
      const abortSignal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
      const { Failed = [] } = await client.send(command, { abortSignal });
      const failed = new Map(Failed.map((entry) => [entry.Id, entry]));
      left = left.filter((entry) => failed.has(entry.Id));
      if (left.length > 0 && attempt >= REMOVE_TRIES_MAX) {
        throw new Error(`${left.length} messages were not deleted: ${Failed[0]?.Message ?? ''}`);
      }
    } catch (error) {
      throw sqsTrouble(error, queue);
    }
  }
}

function sqsTrouble(error: unknown, queue: string): ArgosyError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const what = name === 'Error' ? message : `${name}: ${message}`;
  const reason = `the queue ${queue} of SQS: ${what}; check queue, region, endpoint and keys`;
  return new ArgosyError('UNAVAILABLE', reason, { cause: error });
}
