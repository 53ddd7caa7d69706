// Covers what the sight of an object means: new, changed, seen already, another one, gone; over restarts, too. Leaves out
// where objects come from and what is told of them.
import { describe, expect, it } from 'vitest';
import { createKnownObjects, SEEN_MAX, type KnownObjects, type Memory } from './known-objects.ts';
import type { ObservedObject } from './origin.ts';

function object(
  name: string,
  version: number,
  changes: Partial<ObservedObject> = {},
): ObservedObject {
  const text = `${name}@${version}`;
  const uid = `uid-${name}`;
  const base = {
    key: name,
    name,
    uid,
    version: String(version),
    createdMs: version,
    labels: {},
    text,
  };
  return { ...base, ...changes };
}

function observe(known: KnownObjects, seen: ObservedObject): string[] {
  const changes = known.observe(seen);
  known.told(seen);
  return changes.map((change) => `${change.type} ${change.oldText ?? '-'} > ${change.object.text}`);
}

const fresh = (memory?: Memory, skipsFirstLook = false): KnownObjects =>
  createKnownObjects({ memory, skipsFirstLook });

describe('within a process', () => {
  it('an object is ADD once, UPDATE with each version, DELETE at the end', () => {
    const known = fresh();
    expect(observe(known, object('a', 1))).toEqual(['ADD - > a@1']);
    known.at('1');
    expect(observe(known, object('a', 2))).toEqual(['UPDATE a@1 > a@2']);
    expect(known.gone('a').map(({ type }) => type)).toEqual(['DELETE']);
    expect(known.gone('a')).toEqual([]);
  });
  it('equal versions are skipped, as when all is listed again (rule 56)', () => {
    const known = fresh();
    observe(known, object('a', 1));
    expect(observe(known, object('a', 1))).toEqual([]);
  });
  it('another uid under the same name is the end of one object and another one', () => {
    const known = fresh();
    observe(known, object('a', 1));
    known.at('1');
    const other = object('a', 5, { uid: 'other' });
    expect(observe(known, other)).toEqual(['DELETE - > a@1', 'ADD - > a@5']);
  });
  it('an old object that comes into view is ADD', () => {
    const known = fresh();
    known.at('100');
    expect(observe(known, object('a', 5))).toEqual(['ADD - > a@5']);
  });
  it('under afterStart what is there at the very first look is not told', () => {
    const known = fresh(undefined, true);
    expect(observe(known, object('a', 1))).toEqual([]);
    known.at('1');
    expect(observe(known, object('a', 2))).toEqual(['UPDATE a@1 > a@2']);
    expect(observe(known, object('b', 3))).toEqual(['ADD - > b@3']);
  });
});

describe('after a restart', () => {
  function memoryAfter(...names: string[]): Memory {
    const known = fresh();
    names.forEach((name, index) => observe(known, object(name, index + 1)));
    known.at(String(names.length));
    return JSON.parse(JSON.stringify(known.memory())) as Memory;
  }

  it('what was told is not told again', () => {
    const known = fresh(memoryAfter('a', 'b'));
    expect(observe(known, object('a', 1))).toEqual([]);
    expect(observe(known, object('b', 2))).toEqual([]);
    known.at('2');
    expect(observe(known, object('a', 3))).toEqual(['UPDATE a@1 > a@3']);
  });
  it('what changed meanwhile is UPDATE, what came meanwhile is ADD', () => {
    const known = fresh(memoryAfter('a'));
    expect(observe(known, object('a', 2))).toEqual(['UPDATE - > a@2']);
    expect(observe(known, object('c', 3))).toEqual(['ADD - > c@3']);
  });
  it('what was there and passed by, as outside of the filter, is not ADD', () => {
    expect(observe(fresh({ position: '9', seen: [], seenUntilMs: 0 }), object('a', 9))).toEqual([]);
  });
  it('what was told before all was looked at once is not told again', () => {
    const known = fresh();
    observe(known, object('a', 1));
    const again = fresh(known.memory());
    expect(observe(again, object('a', 1))).toEqual([]);
    expect(observe(again, object('b', 2))).toEqual(['ADD - > b@2']);
  });
  it('versions of a cluster that was made anew hide nothing', () => {
    const known = fresh({ position: '1000', seen: [], seenUntilMs: 0 });
    known.countsAnew();
    expect(observe(known, object('a', 3))).toEqual(['ADD - > a@3']);
  });
  it('versions that are no numbers hide nothing either', () => {
    const known = fresh({ position: 'abc', seen: [], seenUntilMs: 0 });
    expect(observe(known, object('a', 3))).toEqual(['ADD - > a@3']);
  });
  it('many objects are remembered in little room', () => {
    const names = Array.from({ length: 5 * SEEN_MAX }, (_, index) => `o${index + 1}`);
    const memory = memoryAfter(...names);
    expect(memory.seen.length).toBeLessThanOrEqual(2 * SEEN_MAX);
    const known = fresh(memory);
    const old = object('o1', 6_000, { createdMs: 1 });
    expect(observe(known, old)).toEqual(['UPDATE - > o1@6000']);
    expect(observe(known, object('new', 6_001))).toEqual(['ADD - > new@6001']);
  });
});
