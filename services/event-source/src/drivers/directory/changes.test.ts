// Covers what is concluded from two looks at a directory. Leaves out how a directory is looked at (file, sftp,
// hdfs) and how changes become events (follow-directory.test.ts).
import { expect, test } from 'vitest';
import { changesBetween, type ChangeRules } from './changes.ts';
import type { FileEntry } from './listing.ts';

const NONE: ReadonlySet<string> = new Set();
const rules = (more: Partial<ChangeRules> = {}): ChangeRules => ({
  presentIdentities: NONE,
  touched: NONE,
  newFilesAreWritten: true,
  ...more,
});
const file = (more: Partial<FileEntry> = {}): FileEntry => ({
  sizeBytes: 3,
  modifiedMs: 1_000,
  identity: 'i1',
  access: '644',
  ...more,
});

function told(
  before: Readonly<Record<string, FileEntry>>,
  after: Readonly<Record<string, FileEntry>>,
  more: Partial<ChangeRules> = {},
): readonly string[] {
  const [one, two] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return changesBetween(one, two, rules(more)).map(({ operation, name }) => `${operation} ${name}`);
}

test('a new file is created, and written when it has content and writes are told', () => {
  expect(told({}, { a: file() })).toEqual(['CREATE a', 'WRITE a']);
  expect(told({}, { a: file({ sizeBytes: 0 }) })).toEqual(['CREATE a']);
  expect(told({}, { a: file() }, { newFilesAreWritten: false })).toEqual(['CREATE a']);
});

test('another size or time of a file is a write, other permissions are a CHMOD, the same is nothing', () => {
  expect(told({ a: file() }, { a: file({ sizeBytes: 4 }) })).toEqual(['WRITE a']);
  expect(told({ a: file() }, { a: file({ modifiedMs: 2_000 }) })).toEqual(['WRITE a']);
  expect(told({ a: file() }, { a: file({ access: '600' }) })).toEqual(['CHMOD a']);
  expect(told({ a: file() }, { a: file() })).toEqual([]);
});

test('a file that took the name of another one is created', () => {
  expect(told({ a: file() }, { a: file({ identity: 'i2' }) })).toEqual(['CREATE a', 'WRITE a']);
});

test('a file that is gone is removed, or renamed when it is there under another name', () => {
  expect(told({ a: file() }, {})).toEqual(['REMOVE a']);
  expect(told({ a: file() }, {}, { presentIdentities: new Set(['i1']) })).toEqual(['RENAME a']);
  const unknown = file({ identity: '' });
  expect(told({ a: unknown }, {}, { presentIdentities: new Set(['']) })).toEqual(['REMOVE a']);
});

test('a file that came and went between two looks was created and removed', () => {
  const touched = new Set(['a', 'b', 'c']);
  const [before, after] = [{ b: file() }, { c: file({ sizeBytes: 0 }) }];
  expect(told(before, after, { touched })).toEqual([
    'REMOVE b',
    'CREATE a',
    'REMOVE a',
    'CREATE c',
  ]);
});

test('files are told in the order in which they were changed', () => {
  const after = {
    a: file({ modifiedMs: 3 }),
    b: file({ modifiedMs: 1 }),
    c: file({ modifiedMs: 2 }),
  };
  expect(told({}, after, { newFilesAreWritten: false })).toEqual([
    'CREATE b',
    'CREATE c',
    'CREATE a',
  ]);
});
