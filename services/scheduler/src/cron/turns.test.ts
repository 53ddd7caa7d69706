// Covers the bound of jobs at a time.
import { expect, it } from 'vitest';
import { createTurns } from './turns.ts';

it('runs at most so many at a time, all of them, in their order, also after failures', async () => {
  const turns = createTurns(2);
  const begun: number[] = [];
  let running = 0;
  const job = (index: number) => async (): Promise<number> => {
    begun.push(index);
    running += 1;
    expect(running).toBeLessThanOrEqual(2);
    await new Promise((resolve) => {
      setTimeout(resolve, 5 - index);
    });
    running -= 1;
    if (index === 1) throw new Error('no');
    return index;
  };
  const ended = await Promise.allSettled([0, 1, 2, 3, 4].map((index) => turns.run(job(index))));
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  expect(ended.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ]);
});
