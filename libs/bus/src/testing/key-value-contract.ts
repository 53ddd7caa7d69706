import { describe, expect, it } from 'vitest';
import type { KeyValueNotice } from '../types.ts';
import { bytesOf, codeOf, collect, pauseMs, unique } from './fixture.ts';
import type { BusUnderTest } from './fixture.ts';

const decoder = new TextDecoder();

/** Key-value buckets and object stores. */
export function describeKeyValue(under: () => BusUnderTest): void {
  describe('keyValue', () => {
    it('refuses a bucket that does not exist with NOT_FOUND', async () => {
      expect(await codeOf(under().bus.keyValue('no-such-bucket'))).toBe('NOT_FOUND');
    });

    it('creates a key once, also again after its deletion', async () => {
      const bucket = await under().bus.keyValue('resources');
      const key = `sensor.default.${unique('k')}`;
      await bucket.create(key, bytesOf('a'));
      expect(await codeOf(bucket.create(key, bytesOf('b')))).toBe('ALREADY_EXISTS');
      await bucket.delete(key);
      expect(await bucket.get(key)).toBeUndefined();
      const revision = await bucket.create(key, bytesOf('c'));
      expect(await bucket.get(key)).toMatchObject({ key, revision });
    });

    it('updates only from the revision it was read at', async () => {
      const bucket = await under().bus.keyValue('resources');
      const key = `sensor.default.${unique('k')}`;
      const first = await bucket.put(key, bytesOf('a'));
      const second = await bucket.update(key, bytesOf('b'), first);
      expect(await codeOf(bucket.update(key, bytesOf('c'), first))).toBe('CONFLICT');
      expect(await codeOf(bucket.delete(key, first))).toBe('CONFLICT');
      const entry = await bucket.get(key);
      expect([decoder.decode(entry?.value), entry?.revision]).toEqual(['b', second]);
    });

    it('lists the keys that exist by pattern', async () => {
      const bucket = await under().bus.keyValue('resources');
      const namespace = unique('ns');
      for (const name of ['a', 'b', 'c'])
        await bucket.put(`sensor.${namespace}.${name}`, bytesOf('x'));
      await bucket.put(`eventsource.${namespace}.d`, bytesOf('x'));
      await bucket.delete(`sensor.${namespace}.b`);
      const keys = await bucket.keys(`sensor.${namespace}.*`);
      expect(keys.toSorted()).toEqual([`sensor.${namespace}.a`, `sensor.${namespace}.c`]);
      expect(await bucket.keys(`nothing.${namespace}.*`)).toEqual([]);
      expect(await bucket.keys()).toEqual(expect.arrayContaining(keys.slice()));
    });

    it('watches: what exists, the mark, then every change and deletion', async () => {
      const bucket = await under().bus.keyValue('resources');
      const namespace = unique('ns');
      const key = `sensor.${namespace}.a`;
      await bucket.put(key, bytesOf('0'));
      await bucket.put(key, bytesOf('1'));
      const controller = new AbortController();
      const seen: string[] = [];
      const watching = (async () => {
        for await (const notice of bucket.watch(`sensor.${namespace}.>`, controller.signal)) {
          seen.push(describeNotice(notice));
          if (notice.kind === 'CaughtUp') {
            await bucket.put(key, bytesOf('2'));
            await bucket.put(`sensor.${namespace}.b`, bytesOf('3'));
            await bucket.delete(key);
          }
          if (seen.length === 5) controller.abort();
        }
      })();
      await watching;
      expect(seen).toEqual(['a=1', 'CaughtUp', 'a=2', 'b=3', 'a deleted']);
    });

    it('marks at once that a pattern without entries is caught up', async () => {
      const bucket = await under().bus.keyValue('resources');
      const controller = new AbortController();
      for await (const notice of bucket.watch(`sensor.${unique('no')}.>`, controller.signal)) {
        expect(notice.kind).toBe('CaughtUp');
        break;
      }
    });

    it('lets an entry with a time to live vanish, and tells watchers', async () => {
      const bucket = await under().bus.keyValue('leases');
      const key = unique('short');
      await bucket.create(key, bytesOf('x'), { ttlMs: 1_000 });
      const seen: string[] = [];
      for await (const notice of bucket.watch(key, AbortSignal.timeout(10_000))) {
        seen.push(notice.kind === 'Entry' && notice.entry.value === undefined ? 'gone' : 'there');
        if (seen.at(-1) === 'gone') break;
      }
      expect(seen.at(-1)).toBe('gone');
      expect(await bucket.get(key)).toBeUndefined();
      await bucket.create(key, bytesOf('y'), { ttlMs: 1_000 });
    });

    it('refuses keys that are none with INVALID_ARGUMENT', async () => {
      const bucket = await under().bus.keyValue('resources');
      for (const key of ['', 'a b', 'a..b', '.a', 'a.*', 'a.>', 'ü']) {
        const putting = (async () => bucket.put(key, bytesOf('x')))();
        expect(await codeOf(putting)).toBe('INVALID_ARGUMENT');
      }
    });
  });

  describe('objectStore', () => {
    it('keeps objects of many chunks, replaces and deletes them', async () => {
      const store = await under().bus.objectStore('artifacts');
      const name = `${unique('object')}/out put.tgz`;
      const chunks = Array.from({ length: 40 }, (_, index) => new Uint8Array(50_000).fill(index));
      expect(await store.put(name, iterate(chunks))).toEqual({ size: 2_000_000 });
      const content = await collect((await store.get(name)) ?? iterate([]));
      expect(Buffer.compare(Buffer.concat(content), Buffer.concat(chunks))).toBe(0);
      await store.put(name, iterate([bytesOf('short')]));
      const replaced = await collect((await store.get(name)) ?? iterate([]));
      expect(Buffer.concat(replaced).toString()).toBe('short');
      await store.delete(name);
      expect(await store.get(name)).toBeUndefined();
      await store.delete(name);
    });

    it('lists the names that begin with a text, in order, and no deleted ones', async () => {
      const store = await under().bus.objectStore('artifacts');
      const folder = unique('folder');
      expect(await store.list(`${folder}/`)).toEqual([]);
      for (const name of ['b/2', 'a', 'b/1', 'c']) {
        await store.put(`${folder}/${name}`, iterate([bytesOf(name)]));
      }
      await store.delete(`${folder}/c`);
      const all = ['a', 'b/1', 'b/2'].map((name) => `${folder}/${name}`);
      expect(await store.list(`${folder}/`)).toEqual(all);
      expect(await store.list(`${folder}/b/`)).toEqual(all.slice(1));
    });

    it('keeps an empty object, and none when the content fails', async () => {
      const store = await under().bus.objectStore('artifacts');
      const name = unique('object');
      await store.put(name, iterate([]));
      expect(await collect((await store.get(name)) ?? iterate([bytesOf('x')]))).toEqual([]);
      const broken = unique('broken');
      await expect(store.put(broken, failing())).rejects.toThrow('the disk is gone');
      expect(await store.get(broken)).toBeUndefined();
      await pauseMs(1);
    });
  });
}

function describeNotice(notice: KeyValueNotice): string {
  if (notice.kind === 'CaughtUp') return 'CaughtUp';
  const name = notice.entry.key.split('.').at(-1) ?? '';
  const { value } = notice.entry;
  return value === undefined ? `${name} deleted` : `${name}=${decoder.decode(value)}`;
}

async function* iterate(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytesOf('begin'));
  throw new Error('the disk is gone');
}
