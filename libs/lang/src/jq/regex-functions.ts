import { compileRegex } from '../text/regex.ts';
import { failJq, preview } from './value.ts';

interface Group {
  readonly offset: number;
  readonly length: number;
  readonly string: string | null;
  readonly name: string | null;
}

/** A match as jq describes it; offsets and lengths are in code points. */
export interface RegexMatch {
  readonly offset: number;
  readonly length: number;
  readonly string: string;
  readonly captures: readonly Group[];
}

interface Place extends RegexMatch {
  /** In UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

const FLAGS = /^[gimnpslx]*$/;

/** All matches with the flag `g`, else the first, of RE2's dialect. */
function placesOf(input: unknown, [pattern, flags]: readonly unknown[]): readonly Place[] {
  const letters = flags ?? '';
  if (typeof input !== 'string' || typeof pattern !== 'string' || typeof letters !== 'string') {
    const call = `${JSON.stringify(pattern)}; ${JSON.stringify(flags ?? null)}`;
    return failJq(`match(${call}) cannot be applied to: ${preview(input)}`);
  }
  if (!FLAGS.test(letters)) return failJq(`unsupported regular expression flag: ${letters}`);
  const own = [...new Set(letters)].filter((letter) => 'is'.includes(letter)).join('');
  const regex = compileRegex(own === '' ? pattern : `(?${own})${pattern}`);
  const matcher = regex.matcher(input);
  const names = new Map(
    Object.entries(regex.namedGroups()).map(([name, index]) => [index, name] as const),
  );
  const offsets = codePointOffsets(input);
  const places: Place[] = [];
  while (matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()];
    const captures = Array.from({ length: matcher.groupCount() }, (_, at): Group => {
      const from = matcher.start(at + 1);
      const text = from < 0 ? null : (matcher.group(at + 1) ?? null);
      return {
        offset: from < 0 ? -1 : offsets(from),
        length: text === null ? 0 : [...text].length,
        string: text,
        name: names.get(at + 1) ?? null,
      };
    });
    const string = input.slice(start, end);
    places.push({
      ...{ start, end, captures, string },
      offset: offsets(start),
      length: [...string].length,
    });
    if (!letters.includes('g')) break;
  }
  return places;
}

/** Offsets in code points of offsets in UTF-16 units that only grow. */
function codePointOffsets(text: string): (unit: number) => number {
  if (!/[\uD800-\uDBFF]/.test(text)) return (unit) => unit;
  return (unit) => [...text.slice(0, unit)].length;
}

/** What `match` gives, as a list. */
export function matchesOf(input: unknown, args: readonly unknown[]): readonly RegexMatch[] {
  return placesOf(input, args).map(({ offset, length, string, captures }) => ({
    ...{ offset, length, string, captures },
  }));
}

/** The named captures of a match, by name. */
export function capturesOf(match: unknown): Readonly<Record<string, string | null>> {
  const { captures } = match as RegexMatch;
  return Object.fromEntries(
    captures.flatMap(({ name, string }) => (name === null ? [] : [[name, string] as const])),
  );
}

/** The parts between all matches. */
export function splitBy(input: unknown, [pattern, flags]: readonly unknown[]): readonly string[] {
  const places = placesOf(input, [pattern, `g${typeof flags === 'string' ? flags : ''}`]);
  const text = String(input);
  const ends = [0, ...places.map(({ end }) => end)];
  return ends.map((end, index) => text.slice(end, places[index]?.start));
}

/**
 * The text with its matches replaced by what a filter gives for their named captures; one text for each
 * output of the filter, if it gives several.
 */
export function* replaced(
  input: unknown,
  args: readonly unknown[],
  replace: (captures: unknown) => Iterable<unknown>,
): Generator<string> {
  const places = placesOf(input, args);
  const text = String(input);
  yield* from(places.length);

  function* from(count: number): Generator<string> {
    const place = places[count - 1];
    const rest = text.slice(place?.end ?? 0, places[count]?.start);
    if (place === undefined) {
      yield rest;
      return;
    }
    for (const part of replace(capturesOf(place))) {
      if (typeof part !== 'string') failJq(`sub takes strings, not ${preview(part)}`);
      for (const head of from(count - 1)) yield `${head}${String(part)}${rest}`;
    }
  }
}
