// Covers the bound on publishes in flight. Leaves out the publishes.
import { describe, expect, it } from 'vitest';
import { createGate } from './gate.ts';

async function settled(promise: Promise<void>): Promise<boolean> {
  return Promise.race([
    promise.then(
      () => true,
      () => true,
    ),
    new Promise<boolean>((resolve) => {
      setImmediate(() => {
        resolve(false);
      });
    }),
  ]);
}

describe('the gate', () => {
  it('lets in as many as fit, the others in the order in which they came', async () => {
    const gate = createGate({ count: 2, bytes: 100 });
    await gate.enter(1);
    await gate.enter(1);
    const third = gate.enter(1);
    const fourth = gate.enter(1);
    expect([await settled(third), await settled(fourth)]).toEqual([false, false]);
    gate.leave(1);
    expect([await settled(third), await settled(fourth)]).toEqual([true, false]);
  });

  it('bounds the bytes too, and a large one is not overtaken for ever by small ones', async () => {
    const gate = createGate({ count: 10, bytes: 100 });
    await gate.enter(80);
    const large = gate.enter(50);
    const small = gate.enter(1);
    expect([await settled(large), await settled(small)]).toEqual([false, false]);
    gate.leave(80);
    expect([await settled(large), await settled(small)]).toEqual([true, true]);
  });

  it('lets in alone what is larger than all the bytes', async () => {
    const gate = createGate({ count: 10, bytes: 100 });
    await gate.enter(500);
    expect(await settled(gate.enter(1))).toBe(false);
  });

  it('lets whoever waits give up', async () => {
    const gate = createGate({ count: 1, bytes: 100 });
    await gate.enter(1);
    const controller = new AbortController();
    const waiting = gate.enter(1, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(gate.enter(1, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
    gate.leave(1);
    await gate.enter(1);
  });
});
