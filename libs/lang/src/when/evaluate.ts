import type { Result } from '@argosy/base';
import { RE2JS } from 're2js';
import { failLang } from '../error.ts';
import { compareText, goValueText } from '../govalue/index.ts';
import { compileRegex } from '../text/regex.ts';
import { equalWhenValues } from './equal.ts';
import type { WhenNode, WhenValue } from './node.ts';

/** A value as error texts and `+` show it. */
function textOf(value: WhenValue): string {
  return value instanceof RE2JS ? value.pattern() : goValueText(value);
}

/** Gives a parameter's value; undefined when there is none of this name. */
export type GovaluateLookup = (name: string) => Result<unknown, string> | undefined;

/** Evaluates a node; a missing one is nil. Throws LangFailure. */
export function evaluateWhenNode(node: WhenNode | undefined, lookup: GovaluateLookup): WhenValue {
  if (node === undefined) return null;
  switch (node.kind) {
    case 'Literal':
      return node.value;
    case 'Variable':
      return parameter(node.name, lookup);
    case 'Accessor':
      return access(node.path, lookup);
    case 'Group':
      return evaluateWhenNode(node.inner, lookup);
    case 'Prefix':
      return prefix(node.operator, evaluateWhenNode(node.right, lookup));
    case 'Binary':
      return binary(node, lookup);
  }
}

function parameter(name: string, lookup: GovaluateLookup): WhenValue {
  const found = lookup(name);
  if (found === undefined) return failLang('Unresolved', `No parameter '${name}' found.`);
  if (!found.ok) return failLang('Evaluation', found.error);
  return typeof found.value === 'bigint'
    ? Number(found.value)
    : ((found.value ?? null) as WhenValue);
}

function access(path: readonly string[], lookup: GovaluateLookup): WhenValue {
  const [name = '', member = ''] = path;
  parameter(name, lookup);
  return failLang('Evaluation', `Unable to access '${member}', '${name}' is not a struct`);
}

function prefix(operator: string, value: WhenValue): WhenValue {
  if (operator === '!' && typeof value === 'boolean') return !value;
  if (operator === '-' && typeof value === 'number') return -value;
  if (operator === '~' && typeof value === 'number') return Number(~toInt64(value));
  const shown = textOf(value);
  return failLang('Evaluation', `Value '${shown}' cannot be used with the prefix '${operator}'`);
}

function binary(
  node: Extract<WhenNode, { readonly kind: 'Binary' }>,
  lookup: GovaluateLookup,
): WhenValue {
  const left = evaluateWhenNode(node.left, lookup);
  switch (node.operator) {
    case '&&':
      if (left === false) return false;
      return logical('&&', left, evaluateWhenNode(node.right, lookup));
    case '||':
      if (left === true) return true;
      return logical('||', left, evaluateWhenNode(node.right, lookup));
    case '??':
    case ':':
      return left === null ? evaluateWhenNode(node.right, lookup) : left;
    case '?':
      if (left === false) return null;
      return choose(left, evaluateWhenNode(node.right, lookup));
    default:
      return strict(node.operator, left, evaluateWhenNode(node.right, lookup));
  }
}

function logical(operator: '&&' | '||', left: WhenValue, right: WhenValue): boolean {
  for (const value of [left, right]) {
    if (typeof value === 'boolean') continue;
    const shown = `Value '${textOf(value)}'`;
    const sentence = `${shown} cannot be used with the logical operator '${operator}', it is not a bool`;
    return failLang('Evaluation', sentence);
  }
  return operator === '&&' ? left === true && right === true : left === true || right === true;
}

function choose(left: WhenValue, right: WhenValue): WhenValue {
  if (left === true) return right;
  const shown = `Value '${textOf(left)}'`;
  const sentence = `${shown} cannot be used with the ternary operator '?', it is not a bool`;
  return failLang('Evaluation', sentence);
}

function strict(operator: string, left: WhenValue, right: WhenValue): WhenValue {
  switch (operator) {
    case ',':
      return Array.isArray(left) ? [...(left as unknown[]), right] : [left, right];
    case '==':
      return equalWhenValues(left, right);
    case '!=':
      return !equalWhenValues(left, right);
    case '=~':
      return matches('=~', left, right);
    case '!~':
      return !matches('!~', left, right);
    case 'in':
      if (!Array.isArray(right)) return refuseComparator(right, 'in');
      return right.some((item) => item === left);
    case '+':
      return add(left, right);
    default:
      return operator.startsWith('<') || operator.startsWith('>')
        ? orderedOrShifted(operator, left, right)
        : calculate(operator, left, right);
  }
}

function orderedOrShifted(operator: string, left: WhenValue, right: WhenValue): WhenValue {
  const isShift = operator === '<<' || operator === '>>';
  return isShift ? calculate(operator, left, right) : ordered(operator, left, right);
}

function refuseComparator(value: WhenValue, operator: string): never {
  const shown = `Value '${textOf(value)}'`;
  const sentence = `${shown} cannot be used with the comparator '${operator}', it is not a number`;
  return failLang('Evaluation', sentence);
}

function ordered(operator: string, left: WhenValue, right: WhenValue): boolean {
  if (typeof left === 'number' && typeof right === 'number') {
    if (operator === '<') return left < right;
    if (operator === '<=') return left <= right;
    return operator === '>' ? left > right : left >= right;
  }
  if (typeof left !== 'string' || typeof right !== 'string') {
    return refuseComparator(left, operator);
  }
  const order = compareText(left, right);
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

function matches(operator: string, left: WhenValue, right: WhenValue): boolean {
  if (typeof left !== 'string') return refuseComparator(left, operator);
  if (right instanceof RE2JS) return right.matcher(left).find();
  if (typeof right !== 'string') return refuseComparator(right, operator);
  return compileRegex(right).matcher(left).find();
}

function add(left: WhenValue, right: WhenValue): WhenValue {
  if (typeof left === 'string' || typeof right === 'string') {
    return textOf(left) + textOf(right);
  }
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  return refuseModifier(left, '+');
}

function refuseModifier(value: WhenValue, operator: string): never {
  const shown = `Value '${textOf(value)}'`;
  const sentence = `${shown} cannot be used with the modifier '${operator}', it is not a number`;
  return failLang('Evaluation', sentence);
}

const CALCULATIONS: Readonly<Record<string, (left: number, right: number) => number>> = {
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '**': (left, right) => (left === 1 ? 1 : left ** right),
  '&': (left, right) => Number(toInt64(left) & toInt64(right)),
  '|': (left, right) => Number(toInt64(left) | toInt64(right)),
  '^': (left, right) => Number(toInt64(left) ^ toInt64(right)),
  '<<': (left, right) => {
    const places = toUint64(right);
    return places > 63n ? 0 : Number(BigInt.asUintN(64, toUint64(left) << places));
  },
  '>>': (left, right) => Number(toUint64(left) >> toUint64(right)),
};

function calculate(operator: string, left: WhenValue, right: WhenValue): number {
  if (typeof left !== 'number') return refuseModifier(left, operator);
  if (typeof right !== 'number') return refuseModifier(right, operator);
  return CALCULATIONS[operator]?.(left, right) ?? Number.NaN;
}

const INT64_LIMIT = 2 ** 63;
const INT64_MIN = -(2n ** 63n);

/** Go's float64 to int64 on x86-64: what does not fit becomes the smallest integer. */
function toInt64(value: number): bigint {
  const fits = value < INT64_LIMIT && value >= -INT64_LIMIT;
  return fits ? BigInt(Math.trunc(value)) : INT64_MIN;
}

function toUint64(value: number): bigint {
  if (!(value >= INT64_LIMIT)) return BigInt.asUintN(64, toInt64(value));
  if (value >= 2 * INT64_LIMIT) return -INT64_MIN;
  return BigInt.asUintN(64, toInt64(value - INT64_LIMIT) ^ INT64_MIN);
}
