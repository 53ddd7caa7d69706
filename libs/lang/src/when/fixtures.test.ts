// Covers the whole govaluate language against recorded results of the Go library, both as a step's
// condition (unquoted words are text) and with parameters. Leaves out the wording of regular expression
// errors and the places where the Go library panics, which are plain errors here.
import { readFileSync } from 'node:fs';
import { ok, type Result } from '@argosy/base';
import { describe, expect, it } from 'vitest';
import {
  decodeFixture,
  encodeFixture,
  normalizeFixture,
  type FixtureCase,
} from '../fixture-values.ts';
import { compileGovaluate, evaluateGovaluate, evaluateWhen } from './index.ts';

interface WhenFixtures {
  readonly parameters: unknown;
  readonly barewords: readonly FixtureCase[];
  readonly general: readonly FixtureCase[];
}

const path = new URL('../../fixtures/when.json', import.meta.url);
const file = JSON.parse(readFileSync(path, 'utf8')) as WhenFixtures;
const parameters = decodeFixture(file.parameters) as Readonly<Record<string, unknown>>;

function lookup(name: string): Result<unknown, string> | undefined {
  return Object.hasOwn(parameters, name) ? ok(parameters[name]) : undefined;
}

function general(source: string): { readonly r: unknown; readonly failed: boolean } {
  const program = compileGovaluate(source);
  const result = program.ok ? evaluateGovaluate(program.value, lookup) : program;
  return { r: result.ok ? encodeFixture(result.value) : null, failed: !result.ok };
}

describe('expressions with parameters give what Go gives', () => {
  it.each(file.general.map((each) => [each.e, each] as const))('%s', (source, recorded) => {
    const wanted = { r: normalizeFixture(recorded.r ?? null), failed: recorded.x !== undefined };
    expect(general(source)).toEqual(wanted);
  });
});

describe("a step's condition gives what Go gives", () => {
  it('has enough recorded cases', () => {
    expect(file.barewords.length).toBeGreaterThan(400);
  });

  it.each(file.barewords.map((each) => [each.e, each] as const))('%s', (source, recorded) => {
    const result = evaluateWhen(source);
    // Anything but a boolean is an error for a condition.
    const wanted = typeof recorded.r === 'boolean' ? recorded.r : undefined;
    expect(result.ok ? result.value : undefined).toBe(wanted);
  });

  it.each(
    file.barewords
      .filter(
        (each) => each.x !== undefined && /Invalid token|Cannot transition|Unexp/.test(each.x),
      )
      .map((each) => [each.e, each.x ?? ''] as const),
  )('%s fails with the words of Go', (source, words) => {
    const result = evaluateWhen(source);
    expect(result.ok ? '' : result.error.message).toContain(words.trim());
  });
});
