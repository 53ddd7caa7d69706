// Covers how deliveries come to handlers: batches, concurrency, room, failures, closing. Leaves
// out where deliveries come from (the contract tests have both buses).
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createDispatcher, handlerRetryDelayMs } from './dispatcher.ts';
import type { Dispatcher, DispatcherOptions, TrackedDelivery } from './dispatcher.ts';
import type { Delivery } from './types.ts';

interface Fake extends TrackedDelivery {
  readonly calls: string[];
}

function fakeDelivery(sequence: number, dispatcher: () => Dispatcher, deliveryCount = 1): Fake {
  const calls: string[] = [];
  let isSettled = false;
  const settle = (call: string): void => {
    isSettled = true;
    calls.push(call);
    dispatcher().settled(sequence);
  };
  return {
    subject: `s.${sequence}`,
    event: { id: String(sequence), source: '/s', type: 't', data: new Uint8Array() },
    sequence,
    storedAtMs: 0,
    deliveryCount,
    calls,
    get isSettled() {
      return isSettled;
    },
    ack: async () => Promise.resolve(settle('ack')),
    retry: (delayMs) => {
      settle(`retry ${delayMs}`);
    },
    drop: (reason) => {
      settle(`drop: ${reason}`);
    },
    extend: () => calls.push('extend'),
  };
}

function setUp(options: Partial<DispatcherOptions> & Pick<DispatcherOptions, 'handler'>): {
  readonly dispatcher: Dispatcher;
  readonly push: (sequence: number, deliveryCount?: number) => Fake;
  readonly logged: string[];
  readonly freed: () => number;
} {
  const logged: string[] = [];
  let freed = 0;
  const dispatcher = createDispatcher({
    batchSize: undefined,
    concurrency: undefined,
    maxDeliver: undefined,
    ackWaitMs: 30_000,
    consumer: 'c',
    logger: { info: () => undefined, warn: (_fields, message) => logged.push(message) },
    onFree: () => {
      freed += 1;
    },
    ...options,
  });
  const push = (sequence: number, deliveryCount = 1): Fake => {
    const delivery = fakeDelivery(sequence, () => dispatcher, deliveryCount);
    dispatcher.push(delivery);
    return delivery;
  };
  return { dispatcher, push, logged, freed: () => freed };
}

const sequences = (batch: readonly Delivery[]): number[] => batch.map((one) => one.sequence);

describe('the dispatcher', () => {
  it('hands over together what comes in one turn of the event loop, up to a batch', async () => {
    const batches: number[][] = [];
    const { dispatcher, push } = setUp({
      batchSize: 3,
      handler: async (batch) => {
        batches.push(sequences(batch));
        await delay(1);
      },
    });
    for (const sequence of [1, 2, 3, 4]) push(sequence);
    await delay(20);
    push(5);
    await delay(20);
    expect(batches).toEqual([[1, 2, 3], [4], [5]]);
    await dispatcher.close();
  });

  it('counts as taken what waits and what is at work, and no longer what is settled', async () => {
    let release: () => void = () => undefined;
    const { dispatcher, push, freed } = setUp({
      batchSize: 2,
      handler: async (batch) => {
        await batch[0]?.ack();
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      },
    });
    expect(dispatcher.free).toBe(2);
    push(1);
    push(2);
    expect(dispatcher.free).toBe(0);
    await delay(1);
    expect([dispatcher.free, freed()]).toEqual([1, 1]);
    release();
    await delay(1);
    expect(dispatcher.free).toBe(2);
    await dispatcher.close();
  });

  it('has only what was not settled delivered again when the handler throws, and says so once', async () => {
    const { dispatcher, push, logged } = setUp({
      batchSize: 3,
      handler: async (batch) => {
        await batch[0]?.ack();
        throw new Error('no');
      },
    });
    const deliveries = [push(1), push(2, 3), push(3)];
    await dispatcher.close();
    await delay(1);
    expect(deliveries.map((delivery) => delivery.calls.at(-1))).toEqual([
      'retry 0',
      'retry 0',
      'retry 0',
    ]);
    const second = setUp({
      batchSize: 3,
      handler: async (batch) => {
        await batch[0]?.ack();
        throw new Error('no');
      },
    });
    const again = [second.push(1), second.push(2, 3), second.push(3)];
    await delay(5);
    expect(again.map((delivery) => delivery.calls)).toEqual([
      ['ack'],
      ['retry 400'],
      ['retry 100'],
    ]);
    expect(second.logged).toEqual(['handler failed; its messages will be delivered again']);
    expect(logged).toEqual([]);
    await second.dispatcher.close();
  });

  it('drops what comes more often than allowed before a handler sees it', async () => {
    const seen: number[] = [];
    const { dispatcher, push } = setUp({
      maxDeliver: 2,
      handler: async (batch) => {
        seen.push(...sequences(batch));
        return Promise.resolve();
      },
    });
    const [worn, fine] = [push(1, 3), push(2, 2)];
    await delay(1);
    expect(worn?.calls).toEqual(['drop: it was delivered 2 times without success']);
    expect([seen, fine?.calls]).toEqual([[2], []]);
    await dispatcher.close();
  });

  it('extends what waits for a handler', async () => {
    const { dispatcher, push } = setUp({
      ackWaitMs: 30,
      handler: async () => delay(60),
    });
    const [working, waiting] = [push(1), push(2)];
    await delay(45);
    expect(waiting?.calls).toContain('extend');
    expect(working?.calls).toEqual([]);
    await dispatcher.close();
  });

  it('gives back what waits when it is closed, and resolves when handlers have ended', async () => {
    let ended = 0;
    const { dispatcher, push } = setUp({
      handler: async () => {
        await delay(20);
        ended += 1;
      },
    });
    push(1);
    await delay(1);
    const waiting = push(2);
    const closing = dispatcher.close();
    expect([waiting.calls, ended]).toEqual([['retry 0'], 0]);
    await closing;
    expect(ended).toBe(1);
    expect(push(3).calls).toEqual(['retry 0']);
  });
});

it('the wait before a retry doubles from 100 ms up to 30 s', () => {
  expect([1, 2, 3, 9, 10, 1_000].map(handlerRetryDelayMs)).toEqual([
    100, 200, 400, 25_600, 30_000, 30_000,
  ]);
});
