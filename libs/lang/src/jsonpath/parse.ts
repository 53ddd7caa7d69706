import { parseCondition } from './parse-condition.ts';
import {
  accept,
  expect,
  JSON_PATH_STEPS_MAX,
  match,
  quoted,
  refuse,
  skipBlanks,
  startsWith,
  type PathReader,
} from './reader.ts';
import type { JsonPathStep } from './step.ts';

const NAME = /(?:\\.|[^\s.[\](){}*'"@$?!=<>&|,:\\])+/y;
const INTEGER = /-?\d+/y;

/**
 * Reads the steps of a path from where the reader stands up to the first character that no step begins
 * with. `bareName` is for the Kubernetes dialect: the first step may be a name without a dot, and a lone
 * dot is the value itself.
 */
export function parseSteps(reader: PathReader, bareName: boolean): JsonPathStep[] {
  const steps: JsonPathStep[] = [];
  if (bareName) {
    const name = readName(reader);
    if (name !== undefined) steps.push({ kind: 'Children', names: [name] });
  }
  for (;;) {
    if (steps.length > JSON_PATH_STEPS_MAX) return refuse(reader, 'too many steps');
    if (accept(reader, '..')) {
      steps.push({ kind: 'Descend' });
      if (!startsWith(reader, '[')) steps.push(afterDot(reader));
    } else if (accept(reader, '.')) {
      const itself = bareName && atEnd(reader);
      if (!startsWith(reader, '[') && !itself) steps.push(afterDot(reader));
    } else if (startsWith(reader, '[')) steps.push(bracketStep(reader));
    else return steps;
  }
}

/** Whether a dot that was just read stands alone, as in `{.}` and `range .`. */
function atEnd(reader: PathReader): boolean {
  const next = reader.source.charAt(reader.at);
  return next === '' || next === '}' || next === ' ';
}

function afterDot(reader: PathReader): JsonPathStep {
  if (accept(reader, '*')) return { kind: 'All' };
  const name = quoted(reader) ?? readName(reader);
  return name === undefined
    ? refuse(reader, 'expected a name')
    : { kind: 'Children', names: [name] };
}

function readName(reader: PathReader): string | undefined {
  return match(reader, NAME)?.replace(/\\(.)/g, '$1');
}

function bracketStep(reader: PathReader): JsonPathStep {
  expect(reader, '[');
  skipBlanks(reader);
  const step = insideBracket(reader);
  skipBlanks(reader);
  expect(reader, ']');
  return step;
}

function insideBracket(reader: PathReader): JsonPathStep {
  if (accept(reader, '*')) return { kind: 'All' };
  if (accept(reader, '?')) {
    skipBlanks(reader);
    return { kind: 'Filter', condition: parseCondition(reader, parseSteps) };
  }
  const name = quoted(reader);
  if (name !== undefined) return { kind: 'Children', names: [name, ...moreNames(reader)] };
  const first = integer(reader);
  skipBlanks(reader);
  if (startsWith(reader, ':')) return slice(reader, first);
  if (first === undefined) return refuse(reader, 'expected an index, a name, a slice or a filter');
  const indexes = [first];
  while (accept(reader, ',')) {
    skipBlanks(reader);
    indexes.push(integer(reader) ?? refuse(reader, 'expected an index'));
    skipBlanks(reader);
  }
  return { kind: 'Items', indexes };
}

function moreNames(reader: PathReader): string[] {
  const names: string[] = [];
  skipBlanks(reader);
  while (accept(reader, ',')) {
    skipBlanks(reader);
    names.push(quoted(reader) ?? refuse(reader, 'expected a quoted name'));
    skipBlanks(reader);
  }
  return names;
}

function integer(reader: PathReader): number | undefined {
  const digits = match(reader, INTEGER);
  return digits === undefined ? undefined : Number(digits);
}

function slice(reader: PathReader, from: number | undefined): JsonPathStep {
  expect(reader, ':');
  skipBlanks(reader);
  const to = integer(reader);
  skipBlanks(reader);
  const step = accept(reader, ':') ? (integer(reader) ?? 1) : 1;
  return step === 0 ? refuse(reader, 'step must be != 0') : { kind: 'Slice', from, to, step };
}
