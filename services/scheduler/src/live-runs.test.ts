// Covers which runs a new owner of a partition finds, and how often the index is read for it.
import { BUCKETS, runKey } from '@argosy/api';
import { createMemoryBus, type KeyValueBucket } from '@argosy/bus';
import { beforeEach, describe, expect, it } from 'vitest';
import { createLiveRuns, type LiveRuns } from './live-runs.ts';

let bucket: KeyValueBucket;
let live: LiveRuns;
let readings: number;

async function put(name: string, fields: object): Promise<void> {
  const value = new TextEncoder().encode(JSON.stringify({ uid: name, name, ...fields }));
  await bucket.put(runKey('default', name), value);
}

beforeEach(async () => {
  const real = await createMemoryBus().keyValue(BUCKETS.runs);
  readings = 0;
  bucket = {
    ...real,
    watch: (pattern, signal) => {
      readings += 1;
      return real.watch(pattern, signal);
    },
  };
  live = createLiveRuns(bucket, 1, (value) =>
    value === undefined ? undefined : JSON.parse(new TextDecoder().decode(value)),
  );
});

describe('the live runs of a partition', () => {
  it('are those that are not finished', async () => {
    await put('a', {});
    await put('b', { finishedAt: '2026-01-01T00:00:00Z' });
    await put('c', { finishedAt: '2026-01-01T00:00:00Z', deleteAt: '2026-01-02T00:00:00Z' });
    expect((await live.of(0)).live).toEqual(['a']);
  });

  it('come with the finished ones that are to be deleted', async () => {
    await put('a', { finishedAt: '2026-01-01T00:00:00Z' });
    await put('b', { finishedAt: '2026-01-01T00:00:00Z', deleteAt: '2026-01-02T00:00:00Z' });
    const { expiring } = await live.of(0);
    expect(expiring.map(({ uid }) => uid)).toEqual(['b']);
  });

  it('are read for many partitions at once', async () => {
    await Promise.all(Array.from({ length: 64 }, () => live.of(0)));
    expect(readings).toBe(1);
  });

  it('include a run that was begun while an earlier reading was under way', async () => {
    const earlier = live.of(0);
    await Promise.resolve().then(() => undefined);
    await put('late', {});
    const later = live.of(0);
    await earlier;
    expect((await later).live).toEqual(['late']);
  });

  it('can be read again after a reading that failed', async () => {
    const broken = { ...bucket, watch: bucket.watch };
    let fails = true;
    const flaky = createLiveRuns(
      {
        ...broken,
        watch: (pattern, signal) => {
          if (fails) throw new Error('down');
          return bucket.watch(pattern, signal);
        },
      },
      1,
      () => undefined,
    );
    await expect(flaky.of(0)).rejects.toThrow('down');
    fails = false;
    expect((await flaky.of(0)).live).toEqual([]);
  });
});
