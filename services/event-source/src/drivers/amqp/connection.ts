import { ArgosyError } from '@argosy/base';
import { pause } from '@argosy/shell';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { DriverContext } from '../driver.ts';
import { secretOf } from '../http/secret-value.ts';
import type { OriginConnection } from '../lasting-connection.ts';
import type { MessageVerdict } from '../message-verdict.ts';
import { tlsOptionsOf } from '../tls-settings.ts';
import { isAmqpUrl, type AmqpSettings } from './settings.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const HEARTBEAT_SECONDS = 10;
/** Messages that the broker sends ahead of acknowledgements. */
const PREFETCH = 64;
/** Longest wait for the message in hand when the connection is closed. */
const FINISH_MS_MAX = 10_000;

/** @param scope.signal is aborted when the message is no longer to be waited for */
export type MessageHandler = (
  message: ConsumeMessage,
  scope: { readonly signal: AbortSignal },
) => Promise<MessageVerdict>;

/**
 * Connects, declares and consumes. Messages are handled one after the other, in the broker's order.
 * @throws when the broker cannot be reached or refuses what is declared.
 */
export async function openAmqp(
  settings: AmqpSettings,
  context: DriverContext,
  handle: MessageHandler,
): Promise<OriginConnection> {
  const model = await connect(settings, context);
  const over = new AbortController();
  const { promise: lost, resolve: tellLost } = Promise.withResolvers<string>();
  const lose = (reason: string): void => {
    tellLost(reason);
    over.abort();
  };
  followConnection(model, lose);
  let handled = Promise.resolve();
  try {
    const channel = await model.createChannel();
    channel.on('error', (error: Error) => lose(error.message));
    channel.on('close', () => lose('the channel was closed'));
    const take = (message: ConsumeMessage | null): void => {
      if (message === null) return lose('the queue was deleted');
      handled = handled.then(() => handleOne(message, { channel, handle, over, lose }));
    };
    const consumerTag = await consume(channel, settings, take);
    return {
      lost,
      async close() {
        over.abort();
        await withinMs(FINISH_MS_MAX, handled);
        await channel.cancel(consumerTag).catch(() => undefined);
        await model.close().catch(() => undefined);
      },
    };
  } catch (error) {
    await model.close().catch(() => undefined);
    throw error;
  }
}

function followConnection(model: ChannelModel, lose: (reason: string) => void): void {
  model.on('error', (error: Error) => lose(error.message));
  model.on('close', (error?: Error) => lose(error?.message ?? 'the connection was closed'));
}

async function handleOne(
  message: ConsumeMessage,
  scope: {
    readonly channel: Channel;
    readonly handle: MessageHandler;
    readonly over: AbortController;
    readonly lose: (reason: string) => void;
  },
): Promise<void> {
  const { channel, handle, over, lose } = scope;
  // What is not begun goes back to the broker when the channel closes.
  if (over.signal.aborted) return;
  try {
    const verdict = await handle(message, { signal: over.signal });
    if (verdict === 'Acknowledge') channel.ack(message);
    if (verdict === 'Reject') channel.reject(message, false);
  } catch (error) {
    // The channel is closed: the broker delivers the message again.
    lose(ArgosyError.fromUnknown(error).message);
  }
}

async function connect(settings: AmqpSettings, context: DriverContext): Promise<ChannelModel> {
  const text =
    'secret' in settings.url ? secretOf(settings.url.secret, context) : settings.url.text;
  if (!isAmqpUrl(text)) {
    throw new ArgosyError('FAILED_PRECONDITION', 'urlSecret holds no address such as amqp://host');
  }
  const url = new URL(text);
  if (settings.tls !== undefined && url.protocol !== 'amqps:') {
    throw new ArgosyError('FAILED_PRECONDITION', 'the url must begin with amqps:// as tls is set');
  }
  if (!url.searchParams.has('heartbeat')) {
    url.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS));
  }
  const { connect: open, credentials } = await import('amqplib');
  const { auth, tls } = settings;
  const login =
    auth && credentials.plain(secretOf(auth.username, context), secretOf(auth.password, context));
  return open(url.href, {
    timeout: CONNECT_TIMEOUT_MS,
    noDelay: true,
    clientProperties: {
      connection_name: `event source ${context.namespace}/${context.eventSource}/${context.eventName}`,
    },
    ...(login === undefined ? {} : { credentials: login }),
    ...(tls === undefined ? {} : tlsOptionsOf(tls, context)),
  });
}

/** Declares exchange and queue, binds and consumes. `noWait` is not needed: each answer is waited for. */
async function consume(
  channel: Channel,
  settings: AmqpSettings,
  take: (message: ConsumeMessage | null) => void,
): Promise<string> {
  const { exchangeName, exchangeType, routingKey, declarations } = settings;
  const { exchange, queue, consume: consumer } = declarations;
  const { durable, autoDelete, internal } = exchange;
  await channel.assertExchange(exchangeName, exchangeType, { durable, autoDelete, internal });
  const declared = await channel.assertQueue(queue.name, {
    durable: queue.durable,
    autoDelete: queue.autoDelete,
    exclusive: queue.exclusive,
    ...(queue.arguments === undefined ? {} : { arguments: queue.arguments }),
  });
  await channel.bindQueue(declared.queue, exchangeName, routingKey);
  await channel.prefetch(PREFETCH);
  const { consumerTag } = await channel.consume(declared.queue, take, {
    noAck: false,
    exclusive: consumer.exclusive,
    noLocal: consumer.noLocal,
    ...(consumer.consumerTag === '' ? {} : { consumerTag: consumer.consumerTag }),
  });
  return consumerTag;
}

async function withinMs(timeoutMs: number, work: Promise<void>): Promise<void> {
  const timeout = new AbortController();
  await Promise.race([work, pause(timeoutMs, timeout.signal)]);
  timeout.abort();
}
