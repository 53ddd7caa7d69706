import { failLang } from '../error.ts';
import { isNumeric } from './compare.ts';
import { EXPR_TEXT_UNITS_MAX } from './scope.ts';
import { ExprDuration, ExprTime, goTypeName } from './value.ts';

const NS_PER_MS = 1_000_000n;

/** `+ - * / % ** ^` on two values. Ints wrap at 64 bits as Go's do; `/` and `**` give floats. */
export function arithmetic(operator: string, left: unknown, right: unknown): unknown {
  if (typeof left === 'bigint' && typeof right === 'bigint') {
    return integerArithmetic(operator, left, right);
  }
  if (isNumeric(left) && isNumeric(right) && operator !== '%') {
    return floatArithmetic(operator, Number(left), Number(right));
  }
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') {
    if (left.length + right.length > EXPR_TEXT_UNITS_MAX) {
      failLang('Limit', `a text may have at most ${EXPR_TEXT_UNITS_MAX} characters`);
    }
    return left + right;
  }
  return timeArithmetic(operator, left, right) ?? refuse(operator, left, right);
}

function integerArithmetic(operator: string, left: bigint, right: bigint): bigint | number {
  switch (operator) {
    case '+':
      return BigInt.asIntN(64, left + right);
    case '-':
      return BigInt.asIntN(64, left - right);
    case '*':
      return BigInt.asIntN(64, left * right);
    case '%':
      return right === 0n ? failLang('Evaluation', 'integer divide by zero') : left % right;
    default:
      return floatArithmetic(operator, Number(left), Number(right));
  }
}

function floatArithmetic(operator: string, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    default:
      return power(left, right);
  }
}

/** Go's math.Pow: unlike JavaScript, 1 to any power is 1, and so is -1 to an infinite power. */
function power(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && !Number.isFinite(exponent) && !Number.isNaN(exponent)) return 1;
  return base ** exponent;
}

function timeArithmetic(operator: string, left: unknown, right: unknown): unknown {
  if (left instanceof Date && right instanceof ExprDuration) {
    if (operator === '+') return moved(left, right.ns);
    if (operator === '-') return moved(left, -right.ns);
  }
  if (left instanceof ExprDuration && right instanceof Date && operator === '+') {
    return moved(right, left.ns);
  }
  if (left instanceof Date && right instanceof Date && operator === '-') {
    return new ExprDuration(BigInt(left.getTime() - right.getTime()) * NS_PER_MS);
  }
  return durationArithmetic(operator, left, right);
}

function moved(time: Date, ns: bigint): Date {
  const epochMs = time.getTime() + Number(ns / NS_PER_MS);
  return time instanceof ExprTime ? new ExprTime(epochMs, time.zone) : new Date(epochMs);
}

function durationArithmetic(operator: string, left: unknown, right: unknown): unknown {
  if (left instanceof ExprDuration && right instanceof ExprDuration) {
    if (operator === '+') return new ExprDuration(left.ns + right.ns);
    if (operator === '-') return new ExprDuration(left.ns - right.ns);
    if (operator === '*') return new ExprDuration(BigInt.asIntN(64, left.ns * right.ns));
  }
  if (operator !== '*') return undefined;
  if (left instanceof ExprDuration && isNumeric(right)) return scaled(left, right);
  if (right instanceof ExprDuration && isNumeric(left)) return scaled(right, left);
  return undefined;
}

/** An int factor gives a duration, a float factor a float number of nanoseconds. */
function scaled(duration: ExprDuration, factor: bigint | number): ExprDuration | number {
  if (typeof factor === 'bigint') return new ExprDuration(duration.ns * factor);
  return Number(duration.ns) * factor;
}

function refuse(operator: string, left: unknown, right: unknown): never {
  const types = `${goTypeName(left)} ${operator} ${goTypeName(right)}`;
  return failLang('Evaluation', `invalid operation: ${types}`);
}
