import { ok, type Result } from '@argosy/base';
import { compileGovaluate, evaluateGovaluate, evaluateWhen } from '@argosy/lang';
import { decodeFixture, encodeFixture, normalizeFixture } from '@argosy/lang/testing';
import type { Random } from '../../simulation/random.ts';
import type { Answer, Language } from '../language.ts';

const OPERATORS = [
  ...['==', '!=', '<', '<=', '>', '>=', '&&', '||', '==', '!=', '&&', '||', '=~', '!~'],
  ...['+', '-', '*', '/', '%', '**', '&', '|', '^', '<<', '>>', '??', 'in'],
];
const WORDS = ['a', 'n', 'z', 't', 'f', 's', 'date', 'nil', 'neg', 'unknown', 'true', 'false'];
const TEXTS = ["'a'", "'alpha'", '"5"', "''", "'2024-01-02'", "'it\\'s'", "'[a-z]+'", "'é'"];
const NUMBERS = ['0', '1', '5', '2.5', '.5', '0x1F', '100', '1e3', '007'];
const DEPTH_MAX = 3;

function operand(random: Random, depth: number): string {
  switch (random.below(depth >= DEPTH_MAX ? 5 : 9)) {
    case 0:
    case 1:
      return random.pick(WORDS);
    case 2:
      return random.pick(TEXTS);
    case 3:
    case 4:
      return random.pick(NUMBERS);
    case 5:
      return random.pick(['-', '!', '~']) + operand(random, depth + 1);
    case 6:
      return `(${operand(random, depth + 1)}, ${operand(random, depth + 1)})`;
    default:
      return `(${expression(random, depth + 1)})`;
  }
}

function expression(random: Random, depth: number): string {
  let text = operand(random, depth);
  for (let count = random.between(depth === 0 ? 1 : 0, 2); count > 0; count -= 1) {
    const space = random.chance(0.9) ? ' ' : '';
    text += space + random.pick(OPERATORS) + space + operand(random, depth + 1);
  }
  if (random.chance(0.06))
    text += ` ? ${operand(random, depth + 1)} : ${operand(random, depth + 1)}`;
  return random.chance(0.01) ? `${text} ${random.pick([')', '(', '&&', "'", '#'])}` : text;
}

/** govaluate with parameters. */
export const when: Language = {
  name: 'when',
  oracle: 'lang-fixtures',
  question: (random) => ({ language: 'when', source: expression(random, 0) }),
  answer({ source }, given) {
    const parameters = decodeFixture(given['when']) as Readonly<Record<string, unknown>>;
    const lookup = (name: string): Result<unknown, string> | undefined =>
      Object.hasOwn(parameters, name) ? ok(parameters[name]) : undefined;
    const program = compileGovaluate(source);
    const result = program.ok ? evaluateGovaluate(program.value, lookup) : program;
    return result.ok ? { r: encodeFixture(result.value) } : { x: JSON.stringify(result.error) };
  },
  normalize: (answer) =>
    answer.x === undefined ? { r: normalizeFixture(answer.r ?? null) } : answer,
  // The last digits of powers are those of each platform's own function.
  isMeant: ({ source }, go, here) =>
    go.p === 'panic' || (source.includes('**') && digitsOf(go) === digitsOf(here)),
};

const DIGITS_ALIKE = 12;

function digitsOf({ r }: Answer): string | undefined {
  const number = (r as { readonly f?: unknown } | null | undefined)?.f;
  return typeof number === 'number' ? number.toPrecision(DIGITS_ALIKE) : undefined;
}

/** govaluate as a condition: unquoted words are text, and the result is a boolean. */
export const bareword: Language = {
  name: 'bareword',
  oracle: 'lang-fixtures',
  question: (random) => ({ language: 'bareword', source: expression(random, 0) }),
  answer({ source }) {
    const result = evaluateWhen(source);
    return result.ok ? { r: result.value } : { x: result.error.message };
  },
  // Anything but a boolean is an error for a condition.
  normalize: (answer): Answer =>
    answer.x === undefined && typeof answer.r !== 'boolean' ? { x: 'no boolean' } : answer,
  // Lists within lists, which Go's library cannot compare and panics at.
  isMeant: (_, go) => go.p === 'panic',
};
