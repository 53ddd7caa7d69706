import { isDeepStrictEqual } from 'node:util';
import type { SensorEvent } from '@argosy/core-events';
import { failed, passed, type CaseOutcome, type ConformanceCase } from '../adapter.ts';

/** A part of a case: what YAML gives for a map. */
export type Part = Readonly<Record<string, unknown>>;

/** The value as a map; anything else is an empty one. */
export function partOf(value: unknown): Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

/** The value as a list of maps. */
export function partsOf(value: unknown): readonly Part[] {
  return Array.isArray(value) ? value.map(partOf) : [];
}

/** The case's expectation. */
export function expectOf(conformanceCase: ConformanceCase): Part {
  return partOf(conformanceCase['expect']);
}

/** The case's specification. */
export function specOf(conformanceCase: ConformanceCase): Part {
  return partOf(conformanceCase['spec']);
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** An event of a case as the rules take it. */
export function eventOf(part: Part): SensorEvent {
  const optional = {
    subject: textOf(part['subject']),
    time: textOf(part['time']),
    datacontenttype: textOf(part['datacontenttype']),
    specversion: textOf(part['specversion']),
    dataText: textOf(part['dataText']),
  };
  const present = Object.entries(optional).filter(([, value]) => value !== undefined);
  return {
    id: textOf(part['id']) ?? '',
    source: textOf(part['source']) ?? '',
    type: textOf(part['type']) ?? '',
    ...Object.fromEntries(present),
  };
}

/** Compares by value; the difference shows both sides as JSON. */
export function compared(what: string, got: unknown, want: unknown): CaseOutcome {
  if (isDeepStrictEqual(got, want)) return passed;
  return failed(`${what}: want ${JSON.stringify(want)}, got ${JSON.stringify(got)}`);
}

/** The first failure, or passed when there is none. */
export function allOf(...outcomes: readonly CaseOutcome[]): CaseOutcome {
  return outcomes.find((outcome) => outcome.status !== 'passed') ?? passed;
}

/** Whether everything in `want` is in `got`; lists must have the same length. */
export function contains(got: unknown, want: unknown): boolean {
  if (Array.isArray(want)) {
    return (
      Array.isArray(got) &&
      got.length === want.length &&
      want.every((item, index) => contains(got[index], item))
    );
  }
  if (typeof want !== 'object' || want === null) return isDeepStrictEqual(got, want);
  const have = partOf(got);
  return Object.entries(want).every(([key, value]) => key in have && contains(have[key], value));
}
