import { gjsonGet, sjsonSet, type SjsonValue } from '@argosy/lang';
import type { Random } from '../../simulation/random.ts';
import type { Language } from '../language.ts';

const NAMES = ['a', 'b', 'list', 'name', 'a.b', 'x*y', 'k-1', '0'];
const PLAIN_NAMES = NAMES.slice(0, 4);
const MODIFIERS = [
  '@this',
  '@keys',
  '@values',
  '@reverse',
  '@ugly',
  '@valid',
  '@flatten',
  '@tostr',
];
const DOCUMENT_DEPTH_MAX = 3;

function scalar(random: Random): unknown {
  const numbers = [0, 1, -2, 2.5, 1e21, 44, 12345678901];
  return random.pick<unknown>(['x', '', 'Anne', 'é"\\', '7', true, false, null, ...numbers]);
}

function document(random: Random, depth: number): unknown {
  const kind = depth >= DOCUMENT_DEPTH_MAX ? 0 : random.below(4);
  if (kind === 0) return scalar(random);
  const count = random.between(0, 4);
  if (kind === 1) return Array.from({ length: count }, () => document(random, depth + 1));
  if (kind === 2) {
    const one = (): object => ({ a: scalar(random), b: document(random, depth + 2) });
    return Array.from({ length: count }, one);
  }
  const names = Array.from({ length: count }, () => random.pick(NAMES));
  return Object.fromEntries(names.map((name) => [name, document(random, depth + 1)]));
}

function documentText(random: Random): string {
  const root = random.chance(0.8)
    ? { a: document(random, 0), list: document(random, 0), name: document(random, 0) }
    : document(random, 0);
  return JSON.stringify(root, null, random.pick([0, 0, 1]));
}

function query(random: Random): string {
  const operator = random.pick(['==', '!=', '<', '<=', '>', '>=', '%', '!%']);
  const value = random.pick(['1', '44', '"x"', '"Anne"', '"A*"', 'true', 'null', '2.5', '~true']);
  const left = random.pick(['a', 'b', 'a', 'b.a', '']);
  const test = random.chance(0.15) ? left : left + operator + value;
  return `#(${test})${random.chance(0.5) ? '#' : ''}`;
}

function part(random: Random): string {
  switch (random.below(12)) {
    case 0:
      return '#';
    case 1:
    case 2:
      return query(random);
    case 3:
      return random.pick(MODIFIERS);
    case 4:
      return random.pick(['*', 'n*', '?', 'l?st', 'a\\.b', 'x\\*y', '*a*', 'zz']);
    case 5:
      return random.chance(0.5) ? '[a,b]' : '{a,"k":b}';
    case 6:
    case 7:
      return String(random.between(0, 4));
    default:
      return random.pick(PLAIN_NAMES);
  }
}

function pathOf(random: Random): string {
  let text = random.chance(0.7) ? random.pick(PLAIN_NAMES) : part(random);
  for (let count = random.below(4); count > 0; count -= 1) {
    text += (random.chance(0.85) ? '.' : '|') + part(random);
  }
  return text;
}

/** tidwall/gjson: what a path finds. */
export const gjson: Language = {
  name: 'gjson',
  oracle: 'go-fixtures',
  question: (random) => ({
    language: 'gjson',
    source: pathOf(random),
    document: documentText(random),
  }),
  answer({ source, document: json = '' }) {
    const { exists, type, raw, text } = gjsonGet(json, source);
    return { r: { exists, type, raw, text } };
  },
  // Go's library reads on inside the text that @tostr makes, as if it were JSON.
  isMeant: ({ source }) => /@tostr[.|]/.test(source),
};

/** tidwall/sjson: what writing to a path gives. */
export const sjson: Language = {
  name: 'sjson',
  oracle: 'go-fixtures',
  question(random) {
    const parts = Array.from({ length: random.between(1, 4) }, () =>
      random.pick([...PLAIN_NAMES, 'new', 'a\\.b', 'k-1', '0', '2', '-1', ':1']),
    );
    const values = [random.pick<unknown>(['x', 'é"<\\', '', true, false, null, 1, 2.5, -7])];
    return { language: 'sjson', source: parts.join('.'), document: documentText(random), values };
  },
  answer({ source, document: json = '', values = [] }) {
    const set = sjsonSet(json, source, values[0] as SjsonValue);
    return set.ok ? { r: set.value } : { x: set.error };
  },
};
