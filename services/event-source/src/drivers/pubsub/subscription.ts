import type { ClientConfig, PubSub, Subscription } from '@google-cloud/pubsub';
import { ArgosyError } from '@argosy/base';
import type { DriverContext } from '../driver.ts';
import { secretOf } from '../http/secret-value.ts';
import { isFields } from '../http/settings.ts';
import { stableId } from '../stable-id.ts';
import type { PubSubSettings } from './settings.ts';

/** Messages that are in hand at a time; Pub/Sub keeps the rest. */
const MESSAGES_MAX = 100;
/** Codes of gRPC. */
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;

/** A client with the credentials of the Secret, or those of the surroundings. */
export async function pubSubClient(
  settings: PubSubSettings,
  context: DriverContext,
): Promise<PubSub> {
  const { PubSub: Client } = await import('@google-cloud/pubsub');
  const config: ClientConfig = settings.projectId === '' ? {} : { projectId: settings.projectId };
  if (settings.credentials === undefined) return new Client(config);
  const credentials = credentialsOf(secretOf(settings.credentials, context));
  const projectId = settings.projectId === '' ? credentials['project_id'] : settings.projectId;
  return new Client({
    ...config,
    credentials,
    ...(typeof projectId === 'string' ? { projectId } : {}),
  });
}

function credentialsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isFields(value)) return value;
  } catch {
    // Told below; what the parser says would show a part of the secret.
  }
  throw new ArgosyError(
    'FAILED_PRECONDITION',
    'the Secret of credentialSecret must hold the JSON of the credentials',
  );
}

/** The subscription's name; without one in the settings, the event's own, the same at each start. */
export function subscriptionOf(
  client: PubSub,
  settings: PubSubSettings,
  context: DriverContext,
): Subscription {
  const own = `argosy-${stableId(context, settings.topicProjectId, settings.topic)}`;
  const id = settings.subscriptionId === '' ? own : settings.subscriptionId;
  return client.subscription(id, { flowControl: { maxMessages: MESSAGES_MAX } });
}

/**
 * Sees to it that the subscription is there and is one of the topic; what is missing is made, the topic too.
 * @throws Error when it belongs to another topic or may not be made.
 */
export async function ensureSubscription(
  client: PubSub,
  subscription: Subscription,
  settings: PubSubSettings,
): Promise<void> {
  if (settings.topic === '') return;
  const project =
    settings.topicProjectId === '' ? await client.auth.getProjectId() : settings.topicProjectId;
  const topic = client.topic(`projects/${project}/topics/${settings.topic}`);
  try {
    const [{ topic: actual }] = await subscription.getMetadata();
    if (actual === topic.name) return;
    throw new Error(`the subscription ${subscription.name} belongs to ${actual ?? 'no topic'}`);
  } catch (error) {
    // Who may only receive cannot ask; whether the subscription is there shows when it is opened.
    if (codeOf(error) === PERMISSION_DENIED) return;
    if (codeOf(error) !== NOT_FOUND) throw error;
  }
  const name = subscription.name.split('/').at(-1) ?? '';
  try {
    await topic.createSubscription(name);
  } catch (error) {
    if (codeOf(error) !== NOT_FOUND) throw error;
    await topic.create();
    await topic.createSubscription(name);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
