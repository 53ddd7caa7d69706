import { isDeepStrictEqual } from 'node:util';
import { compileExpr, evaluateExpr } from '@argosy/lang';
import { decodeFixture, encodeFixture, normalizeFixture } from '@argosy/lang/testing';
import type { Random } from '../../simulation/random.ts';
import type { Answer, Language } from '../language.ts';

const DEPTH_MAX = 4;
const TEXTS = ['"a"', '""', '"7"', "'hello'", '"2.5"', '"a,b,c"', '" x "', '"grüße"', '"[1, 2]"'];
const NUMBERS = ['0', '1', '2', '7', '2.5', '0.0', '1e3', '0x1F', '100', '1_000'];
const NUMBER_NAMES = ['i', 'j', 'zero', 'f', 'g'];
const TEXT_NAMES = ['s', 'e', 'u', 'workflow.name', 'inputs.parameters.count', 'm["x-y"]'];
const LISTS = ['ints', 'floats', 'words', 'mixed', 'empty', 'nested', 'people', '1..4', '3..1'];
const OTHER = ['nil', 'n', 'm', 'm.b', 'inputs.parameters["my-name"]', 'm?.z', 'm.z', 'people[0]'];

type Maker = (random: Random, depth: number) => string;

/** Numbers most of the time; the wrong kind now and then, so that refusals are compared too. */
function mixed(kind: Maker): Maker {
  return (random, depth) =>
    random.chance(0.93)
      ? kind(random, depth)
      : random.pick([number, text, list, truth, other])(random, depth);
}

function number(random: Random, depth: number): string {
  if (depth >= DEPTH_MAX) return random.pick(random.chance(0.5) ? NUMBERS : NUMBER_NAMES);
  const [n, t, l] = makers(random, depth);
  switch (random.below(10)) {
    case 0:
      return `${n()} ${random.pick(['+', '-', '*', '/', '%', '**'])} ${n()}`;
    case 1:
      return `(${n()} ${random.pick(['+', '-', '*', '/'])} ${n()})`;
    case 2:
      return `${random.pick(['abs', 'ceil', 'floor', 'round', 'int', 'float', 'asInt', 'asFloat'])}(${n()})`;
    case 3:
      return `${random.pick(['int', 'float', 'asInt', 'asFloat', 'len'])}(${t()})`;
    case 4:
      return `${random.pick(['len', 'sum', 'min', 'max', 'mean', 'median', 'first', 'last'])}(${l()})`;
    case 5:
      return `${random.pick(['count', 'findIndex'])}(${l()}, ${predicate(random, depth)})`;
    case 6:
      return `${random.pick(['indexOf', 'lastIndexOf'])}(${t()}, ${t()})`;
    case 7:
      return `-${n()}`;
    default:
      return random.pick(random.chance(0.5) ? NUMBERS : NUMBER_NAMES);
  }
}

function text(random: Random, depth: number): string {
  if (depth >= DEPTH_MAX) return random.pick(random.chance(0.5) ? TEXTS : TEXT_NAMES);
  const [n, t, l] = makers(random, depth);
  switch (random.below(9)) {
    case 0:
      return `${t()} + ${t()}`;
    case 1:
      return `${random.pick(['upper', 'lower', 'trim', 'toBase64', 'string'])}(${t()})`;
    case 2:
      return `${random.pick(['string', 'toJSON', 'type'])}(${random.pick([n, l])()})`;
    case 3:
      return `replace(${t()}, ${t()}, ${t()})`;
    case 4:
      return `${random.pick(['trimPrefix', 'trimSuffix'])}(${t()}, ${t()})`;
    case 5:
      return `repeat(${t()}, ${random.below(4)})`;
    case 6:
      return `join(${random.pick(['words', 'map(ints, string(#))', 'split("a,b", ",")'])}, ${t()})`;
    case 7:
      return `${random.pick(TEXT_NAMES)}[${random.pick(['0', '1', '-1'])}:${random.pick(['', '2'])}]`;
    default:
      return random.pick(random.chance(0.5) ? TEXTS : TEXT_NAMES);
  }
}

function list(random: Random, depth: number): string {
  if (depth >= DEPTH_MAX) return random.pick(LISTS);
  const [n, t, l] = makers(random, depth);
  switch (random.below(10)) {
    case 0:
      return `[${n()}, ${random.pick([n, t])()}]`;
    case 1:
      return `map(${l()}, ${random.pick(['#', '# == 1', '[#]', '#index', 'string(#)'])})`;
    case 2:
      return `${random.pick(['filter', 'filter', 'sortBy'])}(${l()}, ${predicate(random, depth)})`;
    case 3:
      return `${random.pick(['sort', 'reverse', 'uniq', 'flatten'])}(${l()})`;
    case 4:
      return `concat(${l()}, ${l()})`;
    case 5:
      return `${random.pick(['split', 'splitAfter'])}(${t()}, ${random.pick(['","', '"l"', '""'])})`;
    case 6:
      return `take(${l()}, ${random.below(4)})`;
    case 7:
      return `${random.pick(LISTS.slice(0, 7))}[${random.pick(['0', '1', '-2', ''])}:${random.pick(['', '2'])}]`;
    default:
      return random.pick(LISTS);
  }
}

function truth(random: Random, depth: number): string {
  if (depth >= DEPTH_MAX) return random.pick(['t', 'b']);
  const [n, t, l, b] = makers(random, depth);
  const compare = ['==', '!=', '<', '<=', '>', '>='];
  switch (random.below(9)) {
    case 0:
    case 1:
      return `${n()} ${random.pick(compare)} ${n()}`;
    case 2:
      return `${t()} ${random.pick([...compare, 'contains', 'startsWith', 'endsWith'])} ${t()}`;
    case 3:
      return `(${b()} ${random.pick(['&&', '||', 'and', 'or', '==', '!='])} ${b()})`;
    case 4:
      return `${random.pick(['!', 'not '])}${b()}`;
    case 5:
      return `${random.pick([n, t])()} ${random.pick(['in', 'not in'])} ${l()}`;
    case 6:
      return `${random.pick(['all', 'any', 'none', 'one'])}(${l()}, ${predicate(random, depth)})`;
    case 7:
      return `${l()} ${random.pick(['==', '!='])} ${l()}`;
    default:
      return random.pick(['t', 'b']);
  }
}

function other(random: Random, depth: number): string {
  const [n, t, l, b] = makers(random, depth);
  if (depth >= DEPTH_MAX) return random.pick(OTHER);
  switch (random.below(8)) {
    case 0:
      return `${b()} ? ${random.pick([n, t, l])()} : ${random.pick([n, t, l])()}`;
    case 1:
      return `${random.pick(OTHER)} ?? ${random.pick([n, t])()}`;
    case 2:
      return `${l()}[${random.between(-2, 3)}]`;
    case 3:
      return `{"k": ${n()}, q: ${t()}}`;
    case 4:
      return `let v = ${random.pick([n, t, l])()}; [v, v]`;
    case 5:
      return `${random.pick(['find', 'groupBy'])}(${l()}, ${predicate(random, depth)})`;
    case 6:
      return `fromJSON(${random.pick(['"[1, 2.5, null]"', 'toJSON(ints)', t(), 'workflow.parameters.json'])})`;
    default:
      return random.pick(OTHER);
  }
}

function predicate(random: Random, depth: number): string {
  return random.pick([
    '# > 1',
    '# == "fig"',
    'true',
    '#index > 0',
    '# != nil',
    '#',
    '.age > 25',
    `# == ${number(random, depth + 2)}`,
  ]);
}

function makers(
  random: Random,
  depth: number,
): readonly [() => string, () => string, () => string, () => string] {
  const make = (kind: Maker) => (): string => mixed(kind)(random, depth + 1);
  return [make(number), make(text), make(list), make(truth)];
}

/**
 * expr-lang, with the values that the fixtures use. Left out: `findLast` and `findLastIndex`, after
 * which Go's machine finds the predicate's result in place of a value; the type of a text's bytes;
 * literal truths, which Go's optimizer lets decide before what is beside them.
 */
export const expr: Language = {
  name: 'expr',
  oracle: 'lang-fixtures',
  question(random) {
    const kind = random.pick([number, text, list, truth, other]);
    return { language: 'expr', source: kind(random, random.between(0, 3)) };
  },
  answer({ source }, given) {
    const program = compileExpr(source);
    if (!program.ok) return { x: program.error.message };
    const env = decodeFixture(given['expr']) as Readonly<Record<string, unknown>>;
    const result = evaluateExpr(program.value, env);
    return result.ok ? { r: encodeFixture(result.value) } : { x: result.error.message };
  },
  normalize: (answer) =>
    answer.x === undefined ? { r: normalizeFixture(answer.r ?? null) } : answer,
  isMeant: ({ source }, go, here) =>
    isUntaken(source, go, here) ||
    isPower(source, go, here) ||
    isMapOverMap(go, here) ||
    isOfGoTypes(source, go, here),
};

/**
 * Go knows the kinds of all variables before it begins, and refuses what cannot be done with them
 * also in a branch that is not taken. Here that is found out only when it is done.
 */
function isUntaken(source: string, go: Answer, here: Answer): boolean {
  const isKinds = /cannot|invalid|mismatched|arguments to call|no field|should return/.test(
    go.x ?? '',
  );
  const isSkipped = /\?|&&|\|\||\bor\b|\band\b|#|\.age/.test(source);
  return go.p === 'compile' && isKinds && isSkipped && here.x === undefined;
}

/** The last digits of powers are those of each platform's own function; Go's literal -0.0 is 0. */
function isPower(source: string, go: Answer, here: Answer): boolean {
  if (!/\*\*|-\(?0\.0/.test(source) || go.x !== undefined || here.x !== undefined) return false;
  return isDeepStrictEqual(rounded(go.r), rounded(here.r));
}

/** Texts of numbers are compared as numbers are. */
const NUMBER_TEXT = /-?\d+\.\d+(?:e[+-]\d+)?/g;
const DIGITS_ALIKE = 12;

function rounded(value: unknown): unknown {
  if (typeof value === 'number') return value.toPrecision(DIGITS_ALIKE);
  if (typeof value === 'string') {
    return value.replace(NUMBER_TEXT, (text) => Number(text).toPrecision(DIGITS_ALIKE));
  }
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rounded(item)]));
}

/**
 * What hangs on Go's own types: an int that is nil, lists of other kinds of items that are never
 * equal, the empty list for a group there is not, an int made of an infinite float, and a list joined
 * of nothing, whose JSON is null.
 */
function isOfGoTypes(source: string, go: Answer, here: Answer): boolean {
  if (go.p === 'run') return /nil, not int/.test(go.x ?? '') && source.includes('findIndex');
  if (/groupBy\(.*\)\[/.test(source)) return true;
  if (/invalid operation: int\(float64\)/.test(here.x ?? '')) return true;
  if (/concat\(/.test(source) && /toJSON/.test(source)) return true;
  return /split|\.\./.test(source) && /[!=]=| in /.test(source) && here.x === undefined;
}

/** Go goes over the places of a map as if it were a list, as long as no item is asked for. */
function isMapOverMap(go: Answer, here: Answer): boolean {
  return go.x === undefined && /takes only array \(got map/.test(here.x ?? '');
}
