// Covers the fake clock, `eventually`, free ports and temporary directories. Leaves out the real
// server (test-nats.integration.test.ts).
import { access, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually, fakeClock, freePort, temporaryDirectory } from './index.ts';

describe('fakeClock', () => {
  it('stands still until it is told to move', () => {
    const clock = fakeClock(1_000);
    expect([clock.nowMs(), clock.nowMs()]).toEqual([1_000, 1_000]);
  });

  it('fires timers in order of time, each at its own time, and none that is not due', async () => {
    const clock = fakeClock(0);
    const fired: string[] = [];
    clock.setTimer(30, () => fired.push(`c@${clock.nowMs()}`));
    clock.setTimer(10, () => fired.push(`a@${clock.nowMs()}`));
    clock.setTimer(10, () => fired.push(`b@${clock.nowMs()}`));
    clock.setTimer(31, () => fired.push('late'));
    await clock.advance(30);
    expect(fired).toEqual(['a@10', 'b@10', 'c@30']);
    expect([clock.nowMs(), clock.waiting]).toEqual([30, 1]);
  });

  it('fires what a timer sets when that falls within the same advance', async () => {
    const clock = fakeClock(0);
    const fired: number[] = [];
    const again = (): void => {
      fired.push(clock.nowMs());
      clock.setTimer(10, again);
    };
    clock.setTimer(10, again);
    await clock.advance(35);
    expect(fired).toEqual([10, 20, 30]);
  });

  it('lets code that sleeps run on between timers', async () => {
    const clock = fakeClock(0);
    const woken: number[] = [];
    const sleeping = (async () => {
      for (let nap = 0; nap < 3; nap += 1) {
        await clock.sleep(5);
        woken.push(clock.nowMs());
      }
    })();
    await clock.advance(20);
    await sleeping;
    expect(woken).toEqual([5, 10, 15]);
  });

  it('forgets timers that are cancelled and sleep that is aborted', async () => {
    const clock = fakeClock(0);
    const fired: string[] = [];
    clock.setTimer(1, () => fired.push('x'))();
    const controller = new AbortController();
    const sleeping = clock.sleep(5, controller.signal);
    controller.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    await clock.advance(10);
    expect([fired, clock.waiting]).toEqual([[], 0]);
  });
});

describe('eventually', () => {
  it('returns the first value that is not false and does not throw', async () => {
    let calls = 0;
    const value = await eventually(
      () => {
        calls += 1;
        if (calls === 1) throw new Error('not yet');
        return calls === 2 ? false : 'there';
      },
      { intervalMs: 1 },
    );
    expect([value, calls]).toEqual(['there', 3]);
  });

  it('throws what the last check threw once the time is over', async () => {
    const check = (): never => {
      throw new Error('never right');
    };
    await expect(eventually(check, { timeoutMs: 20 })).rejects.toThrow('never right');
    await expect(eventually(() => false, { timeoutMs: 20 })).rejects.toThrow('still false');
  });
});

it('freePort gives a port that can be listened on', async () => {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  server.close();
});

it('a temporary directory is gone, with what it held, when its scope ends', async () => {
  let path = '';
  {
    await using directory = await temporaryDirectory();
    ({ path } = directory);
    await writeFile(join(path, 'file'), 'x');
  }
  await expect(access(path)).rejects.toThrow('ENOENT');
});
