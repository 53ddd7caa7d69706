// Covers the function jsonpath() of expressions against recorded results of the Go library. Leaves out its
// script expressions other than filters.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeFixture, normalizeFixture, type FixtureFile } from '../fixture-values.ts';
import { queryJsonPath } from './index.ts';

const path = new URL('../../fixtures/jsonpath.json', import.meta.url);
const file = JSON.parse(readFileSync(path, 'utf8')) as FixtureFile & { readonly data: unknown };

describe('jsonpath() selects what Go selects', () => {
  it.each(file.cases.map((each) => [each.e, each] as const))('%s', (source, recorded) => {
    const found = queryJsonPath(source, file.data);
    const got = { r: found.ok ? encodeFixture(found.value) : null, failed: !found.ok };
    const wanted = { r: normalizeFixture(recorded.r ?? null), failed: recorded.x !== undefined };
    expect(got).toEqual(wanted);
  });
});
