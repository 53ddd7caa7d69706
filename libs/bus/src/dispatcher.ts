import { ArgosyError } from '@argosy/base';
import {
  BATCH_SIZE_DEFAULT,
  CONCURRENCY_DEFAULT,
  HANDLER_RETRY_DELAY_MS,
  HANDLER_RETRY_DELAY_MS_MAX,
} from './limits.ts';
import type { BusLogger } from './logger.ts';
import type { BatchHandler, Delivery } from './types.ts';

/** A delivery of which the dispatcher can see whether its handler has settled it. */
export interface TrackedDelivery extends Delivery {
  readonly isSettled: boolean;
}

export interface DispatcherOptions {
  readonly handler: BatchHandler;
  readonly batchSize: number | undefined;
  readonly concurrency: number | undefined;
  readonly maxDeliver: number | undefined;
  /** Messages that wait here for a handler are extended often enough for this ack wait. */
  readonly ackWaitMs: number;
  readonly logger: BusLogger;
  /** Names the consumer in log lines. */
  readonly consumer: string;
  /** Called when `free` has grown. */
  readonly onFree: () => void;
}

/**
 * Hands deliveries to the handler of one `consume` call: in batches, in order, with bounded
 * concurrency.
 */
export interface Dispatcher {
  push(delivery: TrackedDelivery): void;
  /**
   * How many more deliveries it can take. What a handler has settled no longer counts, so that the
   * next message is on its way while the server confirms an ack.
   */
  readonly free: number;
  /** To be told of every delivery that is settled. */
  settled(sequence: number): void;
  /** Gives back what no handler has begun; resolves when all handlers have ended. */
  close(): Promise<void>;
}

/** Extends thrice within the ack wait, so that one lost extension costs nothing. */
const EXTENSIONS_PER_ACK_WAIT = 3;

/** Makes a dispatcher; what both buses share, so that they behave alike. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const batchSize = Math.max(1, options.batchSize ?? BATCH_SIZE_DEFAULT);
  const concurrency = Math.max(1, options.concurrency ?? CONCURRENCY_DEFAULT);
  const queue: TrackedDelivery[] = [];
  const running = new Set<Promise<void>>();
  const unsettled = new Set<number>();
  let isPumpDue = false;
  let isClosed = false;

  const start = (batch: readonly TrackedDelivery[]): void => {
    for (const delivery of batch) unsettled.add(delivery.sequence);
    const run = runHandler(batch, options).finally(() => {
      for (const delivery of batch) unsettled.delete(delivery.sequence);
      running.delete(run);
      pump();
      if (!isClosed) options.onFree();
    });
    running.add(run);
  };
  const pump = (): void => {
    isPumpDue = false;
    while (!isClosed && queue.length > 0 && running.size < concurrency) {
      start(queue.splice(0, batchSize));
    }
  };
  const keepAlive = setInterval(
    () => {
      for (const delivery of queue) delivery.extend();
    },
    Math.max(1, options.ackWaitMs / EXTENSIONS_PER_ACK_WAIT),
  );
  keepAlive.unref();

  return {
    push: (delivery) => {
      if (isClosed) {
        delivery.retry(0);
        return;
      }
      if (isWornOut(delivery, options)) return;
      queue.push(delivery);
      if (isPumpDue) return;
      isPumpDue = true;
      // After everything that came in the same chunk from the socket: one batch, without waiting
      // for more.
      queueMicrotask(pump);
    },
    get free() {
      return batchSize * concurrency - queue.length - unsettled.size;
    },
    settled: (sequence) => {
      if (unsettled.delete(sequence) && !isClosed) options.onFree();
    },
    close: async () => {
      isClosed = true;
      clearInterval(keepAlive);
      for (const delivery of queue.splice(0)) delivery.retry(0);
      await Promise.all(running);
    },
  };
}

/** Drops and reports a message that was delivered too often. */
function isWornOut(delivery: Delivery, options: DispatcherOptions): boolean {
  const { maxDeliver } = options;
  if (maxDeliver === undefined || delivery.deliveryCount <= maxDeliver) return false;
  delivery.drop(`it was delivered ${maxDeliver} times without success`);
  return true;
}

async function runHandler(
  batch: readonly TrackedDelivery[],
  options: DispatcherOptions,
): Promise<void> {
  try {
    await options.handler(batch);
  } catch (thrown) {
    const error = ArgosyError.fromUnknown(thrown);
    const unsettled = batch.filter((delivery) => !delivery.isSettled);
    const fields = {
      consumer: options.consumer,
      subject: unsettled[0]?.subject,
      sequence: unsettled[0]?.sequence,
      messages: unsettled.length,
      code: error.code,
      err: error,
    };
    options.logger.warn(fields, 'handler failed; its messages will be delivered again');
    for (const delivery of unsettled) delivery.retry(handlerRetryDelayMs(delivery.deliveryCount));
  }
}

/** 100 ms after the first delivery, doubling up to 30 s. */
export function handlerRetryDelayMs(deliveryCount: number): number {
  const exponent = Math.min(deliveryCount - 1, 20);
  return Math.min(HANDLER_RETRY_DELAY_MS * 2 ** exponent, HANDLER_RETRY_DELAY_MS_MAX);
}
