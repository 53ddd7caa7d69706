import { isIP } from 'node:net';
import type { Consumer, ConsumerOptions } from '@platformatic/kafka';
import type { DriverContext } from '../driver.ts';
import { secretOf } from '../http/secret-value.ts';
import { tlsOptionsOf } from '../tls-settings.ts';
import type { KafkaSettings } from './settings.ts';

/** A client that hands over the bytes as they are. */
export type KafkaConsumer = Consumer<Buffer, Buffer, Buffer, Buffer>;
export type KafkaConsumerOptions = ConsumerOptions<Buffer, Buffer, Buffer, Buffer>;

/** Another try belongs to the lasting connection, which tells of it; the client itself tries twice. */
const RETRIES = 1;
const RETRY_DELAY_MS = 300;
const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 15_000;
/** Longest wait for a client's end; a broker that is away would hold up the stop. */
const CLOSE_MS_MAX = 5_000;

/**
 * The options of all clients of one event: brokers, TLS and credentials.
 * @throws ArgosyError FAILED_PRECONDITION when a secret is missing
 */
export function kafkaClientOptions(
  settings: KafkaSettings,
  context: DriverContext,
): KafkaConsumerOptions {
  const { sasl, tls } = settings;
  return {
    clientId: `argosy-${context.eventSource}-${context.eventName}`,
    groupId: settings.reading.kind === 'Group' ? settings.reading.groupName : 'argosy-no-group',
    bootstrapBrokers: [...settings.brokers],
    retries: RETRIES,
    retryDelay: RETRY_DELAY_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    autocommit: false,
    ...(tls === undefined
      ? {}
      : { tls: tlsOptionsOf(tls, context), tlsServerName: hasName(settings) }),
    ...(sasl === undefined
      ? {}
      : {
          sasl: {
            mechanism: sasl.mechanism,
            username: secretOf(sasl.user, context),
            password: secretOf(sasl.password, context),
          },
        }),
  };
}

/** Some brokers are behind a proxy that goes by the name; an IP address is no name. */
function hasName({ brokers: [first] }: KafkaSettings): boolean {
  return isIP(first.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')) === 0;
}

/** Closes a client, whatever state it is in; never rejects. */
export async function closeConsumer(consumer: KafkaConsumer): Promise<void> {
  const closed = consumer.close(true).catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_MS_MAX);
  });
  await Promise.race([closed, late]);
  clearTimeout(timer);
}
