import { failLang } from '../error.ts';
import { matchesRegex } from '../text/regex.ts';
import { arithmetic } from './arithmetic.ts';
import { compareValues, equalValues, isNil } from './compare.ts';
import type { ExprNode, NodeOf } from './node.ts';
import type { ExprScope } from './scope.ts';
import { toInteger } from './fetch.ts';
import { goTypeName, isList, isMap, mapHas } from './value.ts';
import { workOf } from '../work.ts';

type Evaluate = (node: ExprNode, scope: ExprScope) => unknown;

/**
 * Evaluates a binary operator. `&& || ??` look at their right side only when they need it, and give it
 * as it is: Go checks the left side only.
 */
export function evaluateBinary(
  node: NodeOf<'Binary'>,
  scope: ExprScope,
  evaluate: Evaluate,
): unknown {
  const { operator } = node;
  const folded = foldConstant(node);
  if (folded !== undefined) {
    return folded.kind === 'Value' ? folded.value : evaluate(folded.node, scope);
  }
  const left = evaluate(node.left, scope);
  switch (operator) {
    case '&&':
    case 'and':
      return boolean(left, node) ? evaluate(node.right, scope) : false;
    case '||':
    case 'or':
      return boolean(left, node) ? true : evaluate(node.right, scope);
    case '??':
      return isNil(left) ? evaluate(node.right, scope) : left;
    default:
      return strictBinary(node, left, evaluate(node.right, scope), scope);
  }
}

type Folded =
  | { readonly kind: 'Value'; readonly value: boolean }
  | { readonly kind: 'Node'; readonly node: ExprNode };

/**
 * Go's optimizer decides `x && false` without looking at x, and makes x of `x && true`, whatever kind of
 * value x gives; likewise for `||` the other way round.
 */
function foldConstant(node: NodeOf<'Binary'>): Folded | undefined {
  const isAnd = node.operator === '&&' || node.operator === 'and';
  if (!isAnd && node.operator !== '||' && node.operator !== 'or') return undefined;
  for (const [side, other] of [
    [node.left, node.right],
    [node.right, node.left],
  ] as const) {
    if (side.kind !== 'Literal' || typeof side.value !== 'boolean') continue;
    return side.value === isAnd
      ? { kind: 'Node', node: other }
      : { kind: 'Value', value: side.value };
  }
  return undefined;
}

function boolean(value: unknown, node: NodeOf<'Binary'>): boolean {
  if (typeof value === 'boolean') return value;
  const sentence = `invalid operation: operator ${node.operator} not defined on ${goTypeName(value)}`;
  return failLang('Evaluation', sentence, node.offset);
}

type Strict = (
  operands: { readonly left: unknown; readonly right: unknown },
  node: NodeOf<'Binary'>,
  scope: ExprScope,
) => unknown;

const STRICT: Readonly<Record<string, Strict>> = {
  '==': ({ left, right }) => equalValues(left, right),
  '!=': ({ left, right }) => !equalValues(left, right),
  '<': ({ left, right }) => compareValues(left, right, '<') < 0,
  '<=': ({ left, right }) => compareValues(left, right, '<=') <= 0,
  '>': ({ left, right }) => compareValues(left, right, '>') > 0,
  '>=': ({ left, right }) => compareValues(left, right, '>=') >= 0,
  in: ({ left, right }, node) => isIn(left, right, node.offset),
  '..': ({ left, right }, _node, scope) => range(left, right, scope),
  matches: textOperator,
  contains: textOperator,
  startsWith: textOperator,
  endsWith: textOperator,
};

function strictBinary(
  node: NodeOf<'Binary'>,
  left: unknown,
  right: unknown,
  scope: ExprScope,
): unknown {
  const strict = STRICT[node.operator];
  if (!isCheap(left) || !isCheap(right)) scope.spend(workOf([left, right]));
  if (strict === undefined) return arithmetic(node.operator, left, right);
  return strict({ left, right }, node, scope);
}

function isCheap(value: unknown): boolean {
  return typeof value !== 'string' && typeof value !== 'object';
}

function isIn(needle: unknown, haystack: unknown, offset: number): boolean {
  if (isNil(haystack)) return false;
  if (isList(haystack)) return haystack.some((item) => equalValues(item, needle));
  if (isMap(haystack)) {
    const isKey = haystack instanceof Map || typeof needle === 'string' || isNil(needle);
    if (isKey) return mapHas(haystack, needle);
    const sentence = `${goTypeName(needle)} is no key of a map of text keys`;
    return failLang('Evaluation', sentence, offset);
  }
  const sentence = `operator "in" not defined on ${goTypeName(haystack)}`;
  return failLang('Evaluation', sentence, offset);
}

function range(left: unknown, right: unknown, scope: ExprScope): unknown {
  const from = toInteger(left);
  const to = toInteger(right);
  if (to < from) return [];
  const size = to - from + 1n;
  // Spent before the list is made, so that `1..1e18` costs nothing.
  scope.spend(Number(size));
  return Array.from({ length: Number(size) }, (_unused, index) => from + BigInt(index));
}

function textOperator(
  { left, right }: { readonly left: unknown; readonly right: unknown },
  node: NodeOf<'Binary'>,
): boolean {
  const { operator, offset } = node;
  if (isNil(left) || isNil(right)) return false;
  if (typeof left !== 'string' || typeof right !== 'string') {
    const types = `${goTypeName(left)} and ${goTypeName(right)}`;
    return failLang('Evaluation', `operator ${operator} not defined on ${types}`, offset);
  }
  switch (operator) {
    case 'matches':
      return matchesRegex(right, left, offset);
    case 'contains':
      return left.includes(right);
    case 'startsWith':
      return left.startsWith(right);
    default:
      return left.endsWith(right);
  }
}
