import type { RawValue } from '../yaml-value.ts';

/** Whole numbers that need no second look. */
const SIMPLE_INTEGER = /^(?:0|[1-9]\d{0,14})$/;

/** What may be a number. */
const NUMBER_START = /^[-+.\d]/;

/** Longest word that YAML has a meaning of its own for (`false`). */
const WORD_LENGTH_MAX = 5;

const WORD_START = /^[nNyYtTfFoO~]/;

/** Most answers of the whole reader that are remembered for one text. */
const REMEMBERED_MAX = 50_000;

/** Gives plain scalars their values; what is not plainly text is asked of the whole reader. */
export type ResolvePlain = (source: string) => RawValue;

/** A resolver that asks `whole` about each doubtful scalar once. */
export function createResolver(whole: ResolvePlain): ResolvePlain {
  const known = new Map<string, RawValue>();
  return (source) => {
    if (!isDoubtful(source)) return source;
    if (SIMPLE_INTEGER.test(source)) return BigInt(source);
    const answer = known.get(source);
    if (answer !== undefined) return answer;
    const value = whole(source);
    if (known.size < REMEMBERED_MAX) known.set(source, value);
    return value;
  };
}

function isDoubtful(source: string): boolean {
  if (NUMBER_START.test(source)) return true;
  return source.length <= WORD_LENGTH_MAX && WORD_START.test(source);
}
