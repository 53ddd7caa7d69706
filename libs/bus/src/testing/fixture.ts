import { randomUUID } from 'node:crypto';
import type { CloudEvent } from '@argosy/api';
import type { Bus, BusMessage, ConsumerSpec, Delivery } from '../types.ts';

/**
 * A bus under test. Streams are shared by the tests of a file, so each uses subjects of its own.
 */
export interface BusUnderTest {
  readonly bus: Bus;
  /** Another user of the same streams; the same object where there is only one process. */
  readonly other: Bus;
  close(): Promise<void>;
}

export type BusFactory = () => Promise<BusUnderTest>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A name that no other test uses. */
export function unique(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 13)}`;
}

/** A message with an id of its own and this text as data. */
export function messageOn(
  subject: string,
  text: string,
  more: Partial<CloudEvent> = {},
): BusMessage {
  const event = { id: randomUUID(), source: '/test', type: 'test.v1', data: encoder.encode(text) };
  return { subject, event: { ...event, ...more } };
}

export function textOf(message: BusMessage): string {
  return decoder.decode(message.event.data);
}

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** A consumer on EVENTS with a short ack wait. */
export function consumerOf(subject: string, more: Partial<ConsumerSpec> = {}): ConsumerSpec {
  return {
    stream: 'EVENTS',
    durable: unique('consumer'),
    filterSubjects: [subject],
    ackWaitMs: 1_000,
    ...more,
  };
}

export interface Consuming {
  readonly received: readonly Delivery[];
  readonly texts: readonly string[];
  /** Resolves when that many deliveries have come. */
  waitFor(count: number): Promise<void>;
  stop(): Promise<void>;
}

export interface ConsumingOptions {
  readonly batchSize?: number;
  readonly concurrency?: number;
  /** What to do with each delivery; default ack. */
  readonly handle?: (delivery: Delivery) => Promise<void> | void;
  readonly onTrouble?: (reason: string | undefined) => void;
}

const WAIT_MS_MAX = 20_000;

/** Starts consuming and collects what comes. */
export function startConsuming(
  bus: Bus,
  spec: ConsumerSpec,
  options: ConsumingOptions = {},
): Consuming {
  const controller = new AbortController();
  const received: Delivery[] = [];
  const waiters = new Set<() => void>();
  const done = bus.consume(
    spec,
    async (batch) => {
      received.push(...batch);
      for (const wake of waiters) wake();
      for (const delivery of batch) {
        await (options.handle === undefined ? delivery.ack() : options.handle(delivery));
      }
    },
    {
      signal: controller.signal,
      ...(options.batchSize === undefined ? {} : { batchSize: options.batchSize }),
      ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
      ...(options.onTrouble === undefined ? {} : { onTrouble: options.onTrouble }),
    },
  );
  // A failure shows in `stop`; until then nobody listens.
  done.catch(() => undefined);
  return {
    received,
    get texts() {
      return received.map(textOf);
    },
    waitFor: async (count) => {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error(`${received.length} of ${count} deliveries after ${WAIT_MS_MAX} ms`));
        }, WAIT_MS_MAX);
        const check = (): void => {
          if (received.length < count) return;
          clearTimeout(timer);
          waiters.delete(check);
          resolve();
        };
        waiters.add(check);
        check();
      });
    },
    stop: async () => {
      controller.abort();
      await done;
    },
  };
}

export async function pauseMs(durationMs: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}

/** The code of the ArgosyError that a promise rejects with; `none` when it does not. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: unknown) => (error as { readonly code?: string }).code ?? String(error),
  );
}

/** All that an iterable yields. */
export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}
