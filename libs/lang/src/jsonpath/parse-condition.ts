import { accept, expect, match, quoted, refuse, skipBlanks, type PathReader } from './reader.ts';
import type { JsonPathCondition, JsonPathOperand, JsonPathStep } from './step.ts';

type ReadSteps = (reader: PathReader, bareName: boolean) => JsonPathStep[];

const OPERATORS = ['==', '!=', '<=', '>=', '<', '>'] as const;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z]+/y;

/** How deep brackets and `!` may nest in a condition. */
const DEPTH_MAX = 50;

/** Reads a filter's condition with `! && ||` and brackets, tightest first. */
export function parseCondition(
  reader: PathReader,
  readSteps: ReadSteps,
  depth = 0,
): JsonPathCondition {
  if (depth > DEPTH_MAX) return refuse(reader, 'the condition nests too deep');
  const conjunction = (): JsonPathCondition =>
    chain(reader, '&&', () => primary(reader, readSteps, depth));
  return chain(reader, '||', conjunction);
}

function chain(
  reader: PathReader,
  operator: '&&' | '||',
  next: () => JsonPathCondition,
): JsonPathCondition {
  let left = next();
  skipBlanks(reader);
  while (accept(reader, operator)) {
    left = { kind: 'Logic', operator, left, right: next() };
    skipBlanks(reader);
  }
  return left;
}

function primary(reader: PathReader, readSteps: ReadSteps, depth: number): JsonPathCondition {
  skipBlanks(reader);
  if (reader.source.charAt(reader.at) === '!' && reader.source.charAt(reader.at + 1) !== '=') {
    reader.at += 1;
    return { kind: 'Not', operand: primary(reader, readSteps, depth + 1) };
  }
  if (accept(reader, '(')) {
    const inner = parseCondition(reader, readSteps, depth + 1);
    skipBlanks(reader);
    expect(reader, ')');
    return inner;
  }
  const left = operand(reader, readSteps);
  skipBlanks(reader);
  const operator = OPERATORS.find((each) => accept(reader, each));
  if (operator === undefined) return { kind: 'Exists', operand: left };
  skipBlanks(reader);
  return { kind: 'Compare', operator, left, right: operand(reader, readSteps) };
}

const WORDS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['nil', null],
]);

function operand(reader: PathReader, readSteps: ReadSteps): JsonPathOperand {
  if (accept(reader, '@')) return { kind: 'Path', from: '@', steps: readSteps(reader, false) };
  if (accept(reader, '$')) return { kind: 'Path', from: '$', steps: readSteps(reader, false) };
  const text = quoted(reader);
  if (text !== undefined) return { kind: 'Constant', value: text };
  const digits = match(reader, NUMBER);
  if (digits !== undefined) return { kind: 'Constant', value: Number(digits) };
  const start = reader.at;
  const word = match(reader, WORD);
  const value = word === undefined ? undefined : WORDS.get(word);
  if (value !== undefined) return { kind: 'Constant', value };
  reader.at = start;
  return refuse(reader, 'expected @, $, a number, a quoted text, true, false or null');
}
