// Covers parsing and the next fire against robfig/cron (fixtures/cron.json, written by
// tools/go-fixtures) over zones with changes of clocks, and the previous fire against the next one.
// Leaves out dates before 1970.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { unwrap } from '@argosy/base';
import { nextFireMs, parseCron, previousFireMs } from './index.ts';

interface Fixture {
  readonly spec: string;
  readonly zone: string;
  readonly error?: string;
  readonly after?: string;
  readonly next?: readonly string[];
}

const fixtures = JSON.parse(
  readFileSync(new URL('../../fixtures/cron.json', import.meta.url), 'utf8'),
) as readonly Fixture[];
const text = (epochMs: number): string => new Date(epochMs).toISOString().replace('.000Z', 'Z');

function fires(fixture: Fixture): readonly string[] {
  const schedule = unwrap(parseCron(fixture.spec));
  const found: string[] = [];
  let atMs = Date.parse(fixture.after ?? '');
  for (let count = 0; count < 4; count += 1) {
    const next = nextFireMs(schedule, atMs, fixture.zone);
    found.push(next === undefined ? 'never' : text(next));
    if (next === undefined) break;
    atMs = next;
  }
  return found;
}

describe('cron', () => {
  it('refuses what robfig/cron refuses, in its words', () => {
    const refused = fixtures.filter((fixture) => fixture.error !== undefined);
    expect(refused.length).toBeGreaterThan(20);
    const given = refused.map(({ spec }) => ({ spec, result: parseCron(spec) }));
    // Go's own sentence about a duration differs in how it names an unknown unit.
    const words = (error: string): string => error.replace(/time: .*/, 'time: …');
    expect(
      given.map(({ spec, result }) => ({ spec, error: result.ok ? 'none' : words(result.error) })),
    ).toEqual(refused.map(({ spec, error = '' }) => ({ spec, error: words(error) })));
  });

  it('fires when robfig/cron fires, also where clocks jump or repeat', () => {
    const timed = fixtures.filter((fixture) => fixture.next !== undefined);
    expect(timed.length).toBeGreaterThan(500);
    const different = timed.flatMap((fixture) => {
      const given = fires(fixture);
      return given.join() === fixture.next?.join() ? [] : [{ ...fixture, given }];
    });
    expect(different).toEqual([]);
  });

  it('finds as previous fire of an instant the one whose next fire is that instant', () => {
    // Where clocks change by half an hour robfig/cron misses fires that have happened by the clock.
    const timed = fixtures.filter(
      ({ spec, zone, next }) =>
        next !== undefined && !spec.includes('@every') && zone !== 'Australia/Lord_Howe',
    );
    for (const fixture of timed) {
      const schedule = unwrap(parseCron(fixture.spec));
      const [first = '', second = 'never'] = fixture.next ?? [];
      if (first === 'never' || second === 'never') continue;
      expect(text(previousFireMs(schedule, Date.parse(second), fixture.zone) ?? 0)).toBe(first);
    }
  });

  it('takes a field for seconds only when asked', () => {
    expect(parseCron('0 0 12 * * ?', { seconds: true }).ok).toBe(true);
    expect(parseCron('0 12 * * ?', { seconds: true }).ok).toBe(false);
  });

  it('refuses descriptors when asked', () => {
    expect(parseCron('@daily', { descriptors: false }).ok).toBe(false);
  });

  it('throws on an unknown zone instead of guessing one', () => {
    expect(() => nextFireMs(unwrap(parseCron('* * * * *')), 0, 'No/Where')).toThrow('No/Where');
  });
});
