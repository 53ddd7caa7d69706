// Covers gjson and sjson against what the Go libraries answer (fixtures/gjson.json, written by
// tools/go-fixtures) and the rules about exact bytes. Leaves out text that is no JSON.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gjsonGet, sjsonSet } from './index.ts';

interface Fixtures {
  readonly documents: readonly string[];
  readonly get: readonly {
    readonly document: number;
    readonly path: string;
    readonly exists: boolean;
    readonly type: string;
    readonly raw: string;
    readonly text: string;
    readonly number: number;
    readonly bool: boolean;
  }[];
  readonly set: readonly {
    readonly document: number;
    readonly path: string;
    readonly value: string | number | boolean | null;
    readonly isRaw: boolean;
    readonly result: string;
    readonly error?: string;
  }[];
}

const fixtures = JSON.parse(
  readFileSync(new URL('../../fixtures/gjson.json', import.meta.url), 'utf8'),
) as Fixtures;

describe('gjson paths answer what tidwall/gjson answers', () => {
  it.each(fixtures.documents.map((document, index) => [index, document] as const))(
    'on document %d',
    (index, document) => {
      const wanted = fixtures.get.filter((item) => item.document === index);
      expect(wanted.length).toBeGreaterThan(8);
      const given = wanted.map(({ path }) => {
        const { exists, type, raw, text, number, bool } = gjsonGet(document, path);
        return { document: index, path, exists, type, raw, text, number, bool };
      });
      const different = given.flatMap((item, at) =>
        JSON.stringify(item) === JSON.stringify(wanted[at]) ? [] : [{ item, wanted: wanted[at] }],
      );
      expect(different).toEqual([]);
    },
  );
});

describe('sjson paths write what tidwall/sjson writes', () => {
  it.each(fixtures.documents.map((document, index) => [index, document] as const))(
    'on document %d',
    (index, document) => {
      const different = fixtures.set
        .filter((item) => item.document === index)
        .flatMap((item) => {
          const value = item.isRaw ? { raw: String(item.value) } : item.value;
          const set = sjsonSet(document, item.path, value);
          const given = set.ok ? { result: set.value } : { error: set.error };
          const same = set.ok ? set.value === item.result : set.error === item.error;
          return same && set.ok === (item.error === undefined) ? [] : [{ item, given }];
        });
      expect(different).toEqual([]);
    },
  );

  it('refuses an index that would pad an array without bound', () => {
    expect(sjsonSet('{"a":[]}', 'a.99999999', 'x').ok).toBe(false);
  });
});

describe('hostile paths', () => {
  it('end with no result instead of exhausting the stack', () => {
    expect(gjsonGet('{"a":1}', '@this|'.repeat(20_000)).exists).toBe(false);
  });
});
