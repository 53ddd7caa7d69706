// Covers the whole expression language against recorded results of the Go library (value, or the fact of
// failing). Leaves out error texts, which are worded by Argosy, and functions that need a clock.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  decodeFixture,
  encodeFixture,
  normalizeFixture,
  type FixtureFile,
} from '../fixture-values.ts';
import { compileExpr, evaluateExpr } from './index.ts';

const path = new URL('../../fixtures/expr.json', import.meta.url);
const file = JSON.parse(readFileSync(path, 'utf8')) as FixtureFile & { readonly env: unknown };
const env = decodeFixture(file.env) as Readonly<Record<string, unknown>>;

/** What an expression gives, in the shape of the recorded results. */
function outcome(source: string): { readonly r?: unknown; readonly failed: boolean } {
  const program = compileExpr(source);
  if (!program.ok) return { failed: true };
  const result = evaluateExpr(program.value, env);
  return result.ok ? { r: encodeFixture(result.value), failed: false } : { failed: true };
}

describe('expressions give what Go gives', () => {
  it('has enough recorded cases', () => {
    expect(file.cases.length).toBeGreaterThan(1_500);
  });

  it.each(file.cases.map((each) => [each.e, each] as const))('%s', (source, recorded) => {
    const got = outcome(source);
    const wanted = { r: normalizeFixture(recorded.r ?? null), failed: recorded.x !== undefined };
    expect({ r: got.r ?? null, failed: got.failed }).toEqual(wanted);
  });
});
