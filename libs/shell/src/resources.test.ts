// Covers how a service follows declared manifests, brings the world in line with them and says in their status how it
// went, on the bus in memory. Leaves out the services' own reconciliation.
import { BUCKETS } from '@argosy/api';
import { createMemoryBus, type Bus, type KeyValueBucket } from '@argosy/bus';
import { createLogger } from '@argosy/telemetry';
import { expect, test, vi } from 'vitest';
import { followResources } from './declared-resources.ts';
import { createKeyedReconciler } from './keyed-reconciler.ts';
import { announcePresence } from './presence.ts';
import { writeConditions } from './resource-status.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

async function manifestsOf(bus: Bus): Promise<KeyValueBucket> {
  return bus.keyValue(BUCKETS.resources);
}

test('the copy holds what was declared before and follows changes and deletions of its kinds', async () => {
  await using bus = createMemoryBus();
  const bucket = await manifestsOf(bus);
  await bucket.put('sensor.default.a', bytes({ spec: 1 }));
  await bucket.put('secret.default.s', bytes({}));
  const stopping = new AbortController();
  const changes: string[] = [];
  const resources = await followResources({
    bus,
    kinds: ['sensor'],
    onChange: (key) => void changes.push(key),
    logger,
    signal: stopping.signal,
  });
  expect(resources.ofKind('sensor')).toMatchObject([{ namespace: 'default', name: 'a' }]);
  expect(resources.get('secret.default.s')).toBeUndefined();
  await bucket.put('sensor.default.b', new TextEncoder().encode('{'));
  await bucket.put('sensor.default.a', bytes({ spec: 2 }));
  await vi.waitFor(() => expect(resources.get('sensor.default.a')?.manifest).toEqual({ spec: 2 }));
  expect(resources.get('sensor.default.b')).toBeUndefined();
  await bucket.delete('sensor.default.a');
  await vi.waitFor(() => expect(resources.ofKind('sensor')).toEqual([]));
  expect(changes).toEqual(['sensor.default.a', 'sensor.default.a', 'sensor.default.a']);
  stopping.abort();
});

test('a lost watch is told, opened again, and what was deleted meanwhile is noticed', async () => {
  await using bus = createMemoryBus();
  const bucket = await manifestsOf(bus);
  await bucket.put('sensor.default.a', bytes({}));
  const cut = new AbortController();
  let isAway = false;
  const watch: KeyValueBucket['watch'] = async function* (pattern, signal) {
    if (isAway) throw new Error('no bus');
    const ended = cut.signal.aborted ? signal : AbortSignal.any([signal, cut.signal]);
    yield* bucket.watch(pattern, ended);
  };
  const broken = { keyValue: () => Promise.resolve({ ...bucket, watch }) } as unknown as Bus;
  const stopping = new AbortController();
  const resources = await followResources({
    bus: broken,
    kinds: ['sensor'],
    onChange: () => undefined,
    logger,
    signal: stopping.signal,
  });
  isAway = true;
  cut.abort();
  await vi.waitFor(() => expect(resources.trouble).toContain('not followed'));
  await bucket.delete('sensor.default.a');
  isAway = false;
  await vi.waitFor(() => expect(resources.trouble).toBeUndefined(), { timeout: 5_000 });
  expect(resources.ofKind('sensor')).toEqual([]);
  stopping.abort();
});

test('passes over one key never overlap, notices while one runs make one more, failures are tried again', async () => {
  let running = 0;
  let passes = 0;
  const reconciler = createKeyedReconciler({
    async reconcile() {
      running += 1;
      passes += 1;
      expect(running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 10));
      running -= 1;
      if (passes === 1) throw new Error('not yet');
    },
    onError: (_key, error) => expect(String(error)).toContain('not yet'),
    signal: new AbortController().signal,
  });
  for (let index = 0; index < 5; index += 1) reconciler.touch('a');
  await reconciler.settled();
  expect(passes).toBe(2);
});

test('conditions are written by compare-and-set, only when they change, and keep their time', async () => {
  await using bus = createMemoryBus();
  const bucket = await manifestsOf(bus);
  await bucket.put('sensor.default.a', bytes({ spec: 1, status: { other: true } }));
  const good = { type: 'Deployed', ok: true, reason: 'Ready', message: '' };
  expect(await writeConditions(bucket, 'sensor.default.a', [good])).toBe(true);
  expect(await writeConditions(bucket, 'sensor.default.a', [good])).toBe(false);
  const stored = async (): Promise<Record<string, unknown>> => {
    const entry = await bucket.get('sensor.default.a');
    return JSON.parse(new TextDecoder().decode(entry?.value)) as Record<string, unknown>;
  };
  expect(await stored()).toMatchObject({
    spec: 1,
    status: { other: true, conditions: [{ type: 'Deployed', status: 'True' }] },
  });
  expect(await writeConditions(bucket, 'sensor.default.none', [good])).toBe(false);
});

test('a replica is listed while it runs and not after it stopped', async () => {
  await using bus = createMemoryBus();
  const value = { rpcAddress: '127.0.0.1:1' };
  const presence = await announcePresence({ bus, key: 'sensor.r1', value, logger });
  const leases = await bus.keyValue(BUCKETS.leases);
  const entry = await leases.get('sensor.r1');
  expect(JSON.parse(new TextDecoder().decode(entry?.value))).toEqual(value);
  await presence.stop();
  expect((await leases.get('sensor.r1'))?.value).toBeUndefined();
});
