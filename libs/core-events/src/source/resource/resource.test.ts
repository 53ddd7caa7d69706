// Covers which changes of objects a resource event source tells, and what its events say. Leaves out where the objects
// come from.
import { unwrap } from '@argosy/base';
import { matchesLabels } from '@argosy/lang';
import { describe, expect, it } from 'vitest';
import { compileResourceLabels, type ResourceSelector } from './label-requirements.ts';
import {
  compileResourceFilter,
  resourceEventData,
  resourceFilterPasses,
  type ResourceFilterSettings,
} from './resource-filter.ts';

const START_MS = Date.parse('2030-01-01T12:00:00.500Z');
const POD = {
  metadata: { name: 'web-1', creationTimestamp: '2030-01-01T12:00:00Z', labels: { app: 'web' } },
  spec: { priority: 5 },
  status: { phase: 'Running' },
};

function passes(
  settings: ResourceFilterSettings,
  object: object = POD,
  type: 'ADD' | 'UPDATE' | 'DELETE' = 'ADD',
): boolean {
  const change = { type, objectText: JSON.stringify(object), seenMs: START_MS + 60_000 };
  return resourceFilterPasses(unwrap(compileResourceFilter(settings)), change, START_MS);
}

function problemOf(settings: ResourceFilterSettings): string {
  const filter = compileResourceFilter(settings);
  return filter.ok ? '' : filter.error;
}

describe('the filter of a resource event source', () => {
  it('wants the prefix at the beginning of the name', () => {
    expect(passes({ prefix: 'web-' })).toBe(true);
    expect(passes({ prefix: 'eb-' })).toBe(false);
  });
  it('matches fields as unanchored regular expressions, all of them (rule 56)', () => {
    const name = { key: 'metadata.name', operation: '==', value: 'b-\\d$' };
    expect(passes({ fields: [name] })).toBe(true);
    const failed = { key: 'status.phase', operation: '!=', value: 'Run' };
    expect(passes({ fields: [name, failed] })).toBe(false);
  });
  it('matches only texts; a number is as good as empty (rule 56)', () => {
    expect(passes({ fields: [{ key: 'spec.priority', operation: '=', value: '5' }] })).toBe(false);
    expect(passes({ fields: [{ key: 'spec.priority', operation: '=', value: '^$' }] })).toBe(true);
  });
  it('leaves out what does not have the field, also under !=', () => {
    expect(passes({ fields: [{ key: 'spec.none', operation: '!=', value: 'x' }] })).toBe(false);
  });
  it('asks fields for an operation, with a sentence that names the field (rule 56)', () => {
    expect(problemOf({ fields: [{ key: 'metadata.name', value: 'x' }] })).toBe(
      'filter.fields[0].operation: "" is not one of =, ==, !=; fields need one',
    );
    expect(problemOf({ fields: [{ key: 'a', operation: '=', value: '(' }] })).toContain(
      'filter.fields[0].value is no regular expression',
    );
  });
  it('leaves out what was created after createdBy', () => {
    expect(passes({ createdBy: '2030-01-01T12:00:00Z' })).toBe(true);
    expect(passes({ createdBy: '2030-01-01T11:59:59Z' })).toBe(false);
    expect(problemOf({ createdBy: 'noon' })).toContain('filter.createdBy: "noon" is no time');
  });
  describe('with afterStart', () => {
    const old = { ...POD.metadata, creationTimestamp: '2029-12-31T00:00:00Z' };
    it('leaves out ADD of what was created before, to the second (rule 56)', () => {
      expect(passes({ afterStart: true })).toBe(true);
      expect(passes({ afterStart: true }, { ...POD, metadata: old })).toBe(false);
    });
    it('takes the time of UPDATE from managedFields (rule 56)', () => {
      const managed = (...times: string[]): object => ({
        ...POD,
        metadata: {
          ...old,
          managedFields: [
            { operation: 'Apply', time: '2031-01-01T00:00:00Z' },
            ...times.map((time) => ({ operation: 'Update', time })),
          ],
        },
      });
      const early = '2029-12-31T01:00:00Z';
      expect(passes({ afterStart: true }, managed(early), 'UPDATE')).toBe(false);
      expect(passes({ afterStart: true }, managed(early, '2030-01-01T12:00:01Z'), 'UPDATE')).toBe(
        true,
      );
      expect(passes({ afterStart: true }, managed(), 'UPDATE')).toBe(false);
    });
    it('takes what was seen for when it was, where the object does not tell', () => {
      expect(passes({ afterStart: true }, { ...POD, metadata: old }, 'UPDATE')).toBe(true);
      expect(passes({ afterStart: true }, { ...POD, metadata: old }, 'DELETE')).toBe(true);
      const deleted = { ...old, deletionTimestamp: '2029-12-31T00:00:00Z' };
      expect(passes({ afterStart: true }, { ...POD, metadata: deleted }, 'DELETE')).toBe(false);
    });
  });
});

describe('conditions on labels', () => {
  const matches = (selector: ResourceSelector, labels: Record<string, string>): boolean =>
    matchesLabels(unwrap(compileResourceLabels([selector])).selector, labels);
  it.each([
    [{ key: 'a', value: '1' }, true, 'a=1'],
    [{ key: 'a', operation: 'notin', value: '2,3' }, true, 'a notin (2,3)'],
    [{ key: 'a', operation: 'exists' }, true, 'a'],
    [{ key: 'a', operation: 'gt', value: '1' }, false, 'a>1'],
  ])('%j gives %s on a=1, and is "%s" for an API server', (selector, expected, text) => {
    expect(matches(selector, { a: '1' })).toBe(expected);
    expect(unwrap(compileResourceLabels([selector])).text).toBe(text);
  });
  it.each([
    [{ key: 'a', operation: 'like', value: '1' }, 'filter.labels[0].operation: "like" is not'],
    [{ key: 'a', operation: 'exists', value: '1' }, 'filter.labels[0].value must be empty'],
    [{ key: 'a', operation: 'gt', value: 'x' }, 'filter.labels[0]: label selector'],
    [{ key: 'a', value: '1,b=2' }, 'make no condition on a label'],
  ])('refuses %j', (selector, message) => {
    const compiled = compileResourceLabels([selector]);
    expect(compiled.ok ? '' : compiled.error).toContain(message);
  });
});

it('the data of the event holds the objects to the letter, also numbers that lose digits otherwise', () => {
  const objectText = '{"metadata":{"name":"a"},"n":9007199254740993}';
  const kind = { group: '', version: 'v1', resource: 'pods' };
  const data = resourceEventData({
    change: { type: 'UPDATE', objectText },
    oldText: '{"n":1.0}',
    ...kind,
    metadata: { team: 'x' },
  });
  expect(data).toBe(
    `{"type":"UPDATE","body":${objectText},"oldBody":{"n":1.0},"group":"","version":"v1",` +
      '"resource":"pods","metadata":{"team":"x"}}',
  );
  const added = resourceEventData({ change: { type: 'ADD', objectText }, ...kind });
  expect(JSON.parse(added)).toMatchObject({ type: 'ADD', oldBody: null });
});
