// Covers the Kubernetes dialect of JSONPath: templates, ranges, filters, what is printed and what is an
// error. Leaves out the function jsonpath() of expressions (fixtures.test.ts).
import { unwrap } from '@argosy/base';
import { describe, expect, it } from 'vitest';
import { findJsonPath, printJsonPath, queryJsonPath } from './index.ts';

const VALUE = {
  kind: 'List',
  items: [
    { metadata: { name: 'one', labels: { 'a.b/c': 'x' } }, status: { ready: true, size: 2 } },
    { metadata: { name: 'two' }, status: { ready: false, size: 10 } },
  ],
  empty: null,
};

describe('printing through a Kubernetes template', () => {
  it.each([
    ['{.kind}', 'List'],
    ['kind is {.kind}.', 'kind is List.'],
    ['{.items[0].metadata.name}', 'one'],
    ['{.items[-1].metadata.name}', 'two'],
    ['{.items[*].metadata.name}', 'one two'],
    ['{.items[0:1].metadata.name}', 'one'],
    ['{.items[0,1].status.size}', '2 10'],
    [
      "{.items[0]['metadata','status']}",
      '{"labels":{"a.b/c":"x"},"name":"one"} {"ready":true,"size":2}',
    ],
    ["{.items[0].metadata.labels['a.b/c']}", 'x'],
    ['{.items[0].metadata.labels.a\\.b/c}', 'x'],
    ['{..name}', 'one two'],
    ['{.items[?(@.status.ready==true)].metadata.name}', 'one'],
    ['{.items[?(@.status.size>5)].metadata.name}', 'two'],
    ['{.items[?(@.metadata.name=="two")].status.size}', '10'],
    ['{.items[?(@.metadata.labels)].metadata.name}', 'one'],
    ['{range .items[*]}{.metadata.name}={.status.size}{"\\n"}{end}', 'one=2\ntwo=10\n'],
    ['{range .items[*]}{.metadata.name} of {$.kind};{end}', 'one of List;two of List;'],
    ['{.items[4:4].metadata}', ''],
    ['{..size..name}', ''],
    ['{$.kind}', 'List'],
    ['{@.kind}', 'List'],
    ['{kind}', 'List'],
    ['{.items[0].status}', '{"ready":true,"size":2}'],
    ['{.empty}', 'null'],
    ['', ''],
  ])('%s', (template, text) => {
    expect(unwrap(printJsonPath(template, VALUE))).toBe(text);
  });

  it('refuses a name that is nowhere below', () => {
    expect(printJsonPath('{..nope}', VALUE).ok).toBe(false);
  });

  it('refuses a missing name unless that is allowed', () => {
    expect(printJsonPath('{.nope}', VALUE)).toMatchObject({
      ok: false,
      error: { kind: 'Unresolved', message: 'nope is not found' },
    });
    expect(printJsonPath('{.nope.deeper}', VALUE, { allowMissingKeys: true })).toEqual({
      ok: true,
      value: '',
    });
  });

  it.each([
    '{.a',
    '{.a[}',
    '{.a[?(@.b)',
    '{range .items[*]}',
    '{end}',
    '{.items[0:2:0]}',
    '{.a[x]}',
  ])('refuses %s', (template) => {
    expect(printJsonPath(template, VALUE)).toMatchObject({ ok: false, error: { kind: 'Syntax' } });
  });
});

describe('findJsonPath', () => {
  it('gives the values themselves, with and without braces', () => {
    expect(findJsonPath('{.items[*].status.size}', VALUE)).toEqual({ ok: true, value: [2, 10] });
    expect(findJsonPath('.items[*].status.size', VALUE)).toEqual({ ok: true, value: [2, 10] });
  });

  it('does not see inherited names', () => {
    expect(findJsonPath('.toString', VALUE).ok).toBe(false);
  });

  it('ends on a path that multiplies', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 300; level += 1) deep = [deep, level];
    const result = queryJsonPath('$..*..*..*..*', deep);
    expect(result.ok ? '' : result.error.kind).toBe('Limit');
  });
});
