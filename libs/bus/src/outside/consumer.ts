import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiError,
  jetstream,
  jetstreamManager,
  type ConsumerInfo,
  type JetStreamManager,
  type JsMsg,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { ArgosyError } from '@argosy/base';
import { fromClientError } from '../nats/client-errors.ts';
import { headersOf, type OutsideMessage } from './message.ts';

export interface OutsideConsumerOptions {
  readonly stream: string;
  /** Name of the durable consumer. */
  readonly durable: string;
  /** Filter of the consumer; undefined: all subjects, or what an existing consumer has. */
  readonly subject?: string;
  /** Where a consumer begins that does not exist yet. */
  readonly deliver: 'all' | 'new';
}

/** A message that the server keeps until it is told what became of it. */
export interface OutsideDelivery extends OutsideMessage {
  readonly stream: string;
  readonly sequence: number;
  /** When the stream stored it, nanoseconds since 1970. */
  readonly storedAtNs: string;
  ack(): void;
  /** It is to come again. */
  nak(): void;
  /** It shall never come again. */
  refuse(): void;
  /** It takes longer: it shall not come again yet. */
  working(): void;
}

export interface OutsideConsumer {
  /**
   * Waits up to a second for the next message; undefined when there is none.
   * @throws ArgosyError when the server, the stream or the consumer is gone.
   */
  next(): Promise<OutsideDelivery | undefined>;
  /** How long a message in hand may take until `working()` must be called, milliseconds. */
  readonly ackWaitMs: number;
}

const NANOSECONDS_PER_MS = 1_000_000;
const ACK_WAIT_MS = 10_000;
/** The shortest wait that the server takes. */
const NEXT_EXPIRES_MS = 1_000;
const CONSUMER_NOT_FOUND = 10_014;

/**
 * Opens a durable consumer. One that is made here hands out one message at a time, so that their order holds
 * also when one has to come again.
 */
export async function openOutsideConsumer(
  client: NatsConnection,
  options: OutsideConsumerOptions,
): Promise<OutsideConsumer> {
  const what = `the consumer ${options.durable} of the stream ${options.stream}`;
  try {
    const manager = await jetstreamManager(client, { checkAPI: false });
    const info = await ensureConsumer(manager, options);
    const refusal = refusalOf(info);
    if (refusal !== undefined) throw new ArgosyError('FAILED_PRECONDITION', `${what} ${refusal}`);
    const consumer = await jetstream(client).consumers.get(options.stream, options.durable);
    return {
      ackWaitMs: (info.config.ack_wait ?? ACK_WAIT_MS * NANOSECONDS_PER_MS) / NANOSECONDS_PER_MS,
      async next() {
        try {
          const message = await consumer.next({ expires: NEXT_EXPIRES_MS });
          return message === null ? undefined : deliveryOf(message);
        } catch (error) {
          throw fromClientError(error, what);
        }
      },
    };
  } catch (error) {
    throw fromClientError(error, what);
  }
}

async function ensureConsumer(
  manager: JetStreamManager,
  options: OutsideConsumerOptions,
): Promise<ConsumerInfo> {
  const { stream, durable, subject, deliver } = options;
  const found = await findConsumer(manager, options);
  if (found === undefined) {
    return manager.consumers.add(stream, {
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      ack_wait: ACK_WAIT_MS * NANOSECONDS_PER_MS,
      max_ack_pending: 1,
      deliver_policy: deliver === 'all' ? DeliverPolicy.All : DeliverPolicy.New,
      ...(subject === undefined ? {} : { filter_subject: subject }),
    });
  }
  if (subject === undefined || found.config.filter_subject === subject) return found;
  return manager.consumers.update(stream, durable, { filter_subject: subject });
}

async function findConsumer(
  manager: JetStreamManager,
  { stream, durable }: OutsideConsumerOptions,
): Promise<ConsumerInfo | undefined> {
  try {
    return await manager.consumers.info(stream, durable);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === CONSUMER_NOT_FOUND) return undefined;
    throw error;
  }
}

/** Why a consumer that somebody made cannot be used. */
function refusalOf({ config }: ConsumerInfo): string | undefined {
  if (config.deliver_subject !== undefined) return 'is a push consumer; name a pull consumer';
  if (config.ack_policy === AckPolicy.Explicit) return undefined;
  return 'does not wait for acknowledgements; set its ack policy to explicit';
}

function deliveryOf(message: JsMsg): OutsideDelivery {
  return {
    subject: message.subject,
    data: message.data,
    headers: headersOf(message),
    stream: message.info.stream,
    sequence: message.info.streamSequence,
    storedAtNs: String(message.info.timestampNanos),
    ack: () => message.ack(),
    nak: () => message.nak(),
    refuse: () => message.term(),
    working: () => message.working(),
  };
}
