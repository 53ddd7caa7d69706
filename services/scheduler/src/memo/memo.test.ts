// Covers the cache of memoized templates: ConfigMaps in Argo's form, compare-and-set, refusals, limits, and the whole way
// through the scheduler. Leaves out when a node is looked up or saved (libs/core-workflow).
import { BUCKETS, resourceKey } from '@argosy/api';
import { unwrap } from '@argosy/base';
import { createMemoryBus, type Bus } from '@argosy/bus';
import type { MemoEntry } from '@argosy/core-workflow';
import type { ConfigMap } from '@argosy/model';
import { createLogger } from '@argosy/telemetry';
import { eventually } from '@argosy/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHarness, type Harness } from '../testing/harness.ts';
import { findMemo, MEMO_BYTES_MAX, withMemos } from './memo-config-map.ts';
import { createMemoStore, type MemoStore } from './memo-store.ts';

const CACHE = { namespace: 'default', name: 'cache' };
const TYPE = 'workflows.argoproj.io/configmap-type';

function entry(nodeID: string, at = '2030-01-01T00:00:00Z'): MemoEntry {
  const outputs = { parameters: [{ name: 'p', value: nodeID }] };
  return { nodeID, outputs, creationTimestamp: at, lastHitTimestamp: at };
}

function configMap(labels: Record<string, string>, data: Record<string, string> = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cache', labels }, data };
}

describe('a cache', () => {
  it('without the label is refused, in the words of Argo', () => {
    expect(findMemo(configMap({}), 'k')).toEqual({
      kind: 'Refused',
      message: `memoization configmap doesn't have ${TYPE} label, refusing to use it`,
    });
    expect(findMemo(configMap({ [TYPE]: 'Parameter' }), 'k')).toEqual({
      kind: 'Refused',
      message: `memoization configmap doesn't have label ${TYPE} = Cache, refusing to use it`,
    });
    expect(withMemos(configMap({}), CACHE, [{ key: 'k', entry: entry('n') }]).ok).toBe(false);
  });

  it('refuses keys that Argo refuses, and entries that are none', () => {
    expect(findMemo(undefined, 'a b')).toMatchObject({ message: 'invalid cache key: a b' });
    const spoilt = configMap({ [TYPE]: 'Cache' }, { k: '{' });
    expect(findMemo(spoilt, 'k')).toMatchObject({
      kind: 'Refused',
      message: expect.stringMatching(/^malformed cache entry/),
    });
  });

  it('that is not there holds nothing, and is made with the label by the first result', () => {
    expect(findMemo(undefined, 'k')).toEqual({ kind: 'Miss' });
    const made = unwrap(withMemos(undefined, CACHE, [{ key: 'k', entry: entry('n') }]));
    expect(made.metadata.labels).toEqual({ [TYPE]: 'Cache' });
    expect(JSON.parse(made.data?.['k'] ?? '')).toEqual(entry('n'));
    expect(findMemo(made, 'k')).toEqual({ kind: 'Hit', entry: entry('n') });
  });

  it('keeps the later of two results, so that saving again after a crash changes nothing', () => {
    const later = unwrap(
      withMemos(undefined, CACHE, [{ key: 'k', entry: entry('new', '2030-01-02T00:00:00Z') }]),
    );
    const again = unwrap(withMemos(later, CACHE, [{ key: 'k', entry: entry('old') }]));
    expect(again).toEqual(later);
  });

  it('is not filled beyond what a ConfigMap may hold', () => {
    const large = { ...entry('n'), outputs: { result: 'x'.repeat(MEMO_BYTES_MAX) } };
    const saved = withMemos(undefined, CACHE, [{ key: 'k', entry: large }]);
    expect(saved).toMatchObject({ ok: false, error: expect.stringContaining('the most is') });
  });
});

describe('the store of caches', () => {
  let bus: Bus;
  let store: MemoStore;

  beforeEach(() => {
    bus = createMemoryBus();
    const logger = createLogger({ level: 'silent' });
    store = createMemoStore({ bus, logger, now: () => Date.parse('2030-02-01T00:00:00Z') });
  });

  async function read(): Promise<ConfigMap> {
    const bucket = await bus.keyValue(BUCKETS.resources);
    const found = await bucket.get(resourceKey('ConfigMap', 'default', 'cache'));
    return JSON.parse(new TextDecoder().decode(found?.value)) as ConfigMap;
  }

  it('loses none of the results that come at once, from several schedulers', async () => {
    const logger = createLogger({ level: 'silent' });
    const other = createMemoStore({ bus, logger, now: () => Date.now() });
    await Promise.all(
      Array.from({ length: 200 }, (_, number) => {
        const either = number % 2 === 0 ? store : other;
        return either.save(CACHE, `k-${number}`, entry(`n-${number}`));
      }),
    );
    expect(Object.keys((await read()).data ?? {})).toHaveLength(200);
  });

  it('notes when an entry was last used', async () => {
    await store.save(CACHE, 'k', entry('n'));
    expect(await store.lookUp(CACHE, 'k')).toEqual({ kind: 'Hit', entry: entry('n') });
    await eventually(async () => {
      const { lastHitTimestamp } = JSON.parse((await read()).data?.['k'] ?? '') as MemoEntry;
      expect(lastHitTimestamp).toBe('2030-02-01T00:00:00Z');
    });
  });
});

describe('a memoized template', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = createHarness();
    await harness.start('one');
  });
  afterEach(() => harness.stop());

  const memoized = {
    entrypoint: 'leaf',
    templates: [
      {
        name: 'leaf',
        memoize: { key: 'k', cache: { configMap: { name: 'cache' } } },
        container: { image: 'busybox', command: ['true'] },
        outputs: { parameters: [{ name: 'p', valueFrom: { path: '/p' } }] },
      },
    ],
  };

  it('runs once for a key; its result is taken from the cache then, as Argo wrote it', async () => {
    harness.answerTasks(() => ({ parameters: { p: '42' } }));
    await harness.submit('u1', 'first', memoized);
    await harness.ended('first');
    await eventually(async () => {
      const { data = {} } = (await harness.declared('ConfigMap', 'cache')) as ConfigMap;
      expect(JSON.parse(data['k'] ?? 'null')).toMatchObject({ nodeID: 'first' });
    });
    await harness.submit('u2', 'second', memoized);
    expect(await harness.ended('second')).toMatchObject({ phase: 'Succeeded' });
    expect(harness.ran.map(({ workflow }) => workflow)).toEqual(['first']);
  });

  it('is found by the next step of the same run, though that begins at the very same moment', async () => {
    harness.answerTasks(() => ({ parameters: { p: '42' } }));
    const [leaf] = memoized.templates;
    const steps = [[{ name: 'a', template: 'leaf' }], [{ name: 'b', template: 'leaf' }]];
    const spec = { entrypoint: 'main', templates: [{ name: 'main', steps }, leaf] };
    await harness.submit('u1', 'wf', spec);
    expect(await harness.ended('wf')).toMatchObject({ phase: 'Succeeded' });
    expect(harness.ran.map(({ displayName }) => displayName)).toEqual(['a']);
  });

  it('ends in Error when its ConfigMap is no cache', async () => {
    await harness.declare({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cache' } });
    await harness.submit('u1', 'wf', memoized);
    const ended = await harness.ended('wf');
    expect(ended.phase).toBe('Error');
    expect(ended.message).toContain('refusing to use it');
  });
});
