import type { IClientOptions, IPublishPacket, MqttClient } from 'mqtt';
import { ArgosyError } from '@argosy/base';
import type { DriverContext } from '../driver.ts';
import { secretOf } from '../http/secret-value.ts';
import type { OriginConnection } from '../lasting-connection.ts';
import { tlsOptionsOf } from '../tls-settings.ts';
import type { MqttBroker } from './settings.ts';

export interface MqttSubscription {
  readonly broker: MqttBroker;
  /** Undefined: a new one each time. */
  readonly clientId: string | undefined;
  readonly topic: string;
  /** With 1 the broker keeps the session, and what comes while the client is away. */
  readonly qos: 0 | 1;
  /**
   * Takes a message; it is acknowledged when this resolves with true, and the next one comes then.
   * @param lose ends the connection for a reason, as one that came as a message.
   */
  take(packet: IPublishPacket, signal: AbortSignal, lose: Lose): boolean | Promise<boolean>;
}

type Lose = (reason: string) => void;

const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_SECONDS = 30;
/** What a broker grants when it refuses a subscription. */
const REFUSED = 128;

/** Connects and subscribes. @throws ArgosyError UNAVAILABLE, PERMISSION_DENIED */
export async function openMqtt(
  subscription: MqttSubscription,
  context: DriverContext,
  signal: AbortSignal,
): Promise<OriginConnection> {
  const { connect } = await import('mqtt');
  const { broker, topic, qos } = subscription;
  const client = connect(broker.url, optionsOf(subscription, context));
  const closing = new AbortController();
  const lost = Promise.withResolvers<string>();
  const inHand = takeInto(client, subscription, { signal: closing.signal, lose: lost.resolve });
  let trouble: string | undefined;
  client.on('error', (error) => (trouble ??= reasonOf(error)));
  client.once('close', () => lost.resolve(trouble ?? 'the broker closed the connection'));
  const stop = (): void => lost.resolve('it was stopped');
  signal.addEventListener('abort', stop, { once: true });
  try {
    client.connect();
    await connected(client, lost.promise);
    const [granted] = await client.subscribeAsync(topic, { qos });
    if (granted?.qos === REFUSED) {
      throw new ArgosyError('PERMISSION_DENIED', 'the broker refuses the subscription');
    }
  } catch (error) {
    closing.abort();
    client.end(true);
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return {
    lost: lost.promise,
    async close() {
      closing.abort();
      const isAcknowledged = await inHand();
      // What is not acknowledged holds up all that would follow; the broker sends it again.
      await client.endAsync(!isAcknowledged || !client.connected);
    },
  };
}

function optionsOf(subscription: MqttSubscription, context: DriverContext): IClientOptions {
  const { broker, clientId, qos } = subscription;
  const { username, password, tls } = broker;
  return {
    manualConnect: true,
    reconnectPeriod: 0,
    resubscribe: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepalive: KEEP_ALIVE_SECONDS,
    clean: qos === 0,
    ...(clientId === undefined ? {} : { clientId }),
    ...(username === undefined ? {} : { username: secretOf(username, context) }),
    ...(password === undefined ? {} : { password: secretOf(password, context) }),
    ...(tls === undefined ? {} : tlsOptionsOf(tls, context)),
  };
}

/** @returns what tells whether the message in hand, if any, comes to be acknowledged. */
function takeInto(
  client: MqttClient,
  subscription: MqttSubscription,
  scope: { readonly signal: AbortSignal; readonly lose: Lose },
): () => Promise<boolean> {
  let inHand: Promise<boolean> = Promise.resolve(true);
  // The client acknowledges a message and reads the next one after this calls back.
  client.handleMessage = (packet, done) => {
    inHand = Promise.resolve(subscription.take(packet, scope.signal, scope.lose));
    void inHand.then((isDone) => {
      if (isDone) done();
    });
  };
  return () => inHand;
}

async function connected(client: MqttClient, lost: Promise<string>): Promise<void> {
  const open = Promise.withResolvers<undefined>();
  client.once('connect', () => open.resolve(undefined));
  const reason = await Promise.race([open.promise, lost]);
  if (reason !== undefined) throw new ArgosyError('UNAVAILABLE', reason);
}

/** Errors of several addresses have their text inside. */
function reasonOf(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map(String).join(', ');
  return error.message;
}
