import type { Builtin } from './builtins.ts';
import { compareValues, isNumeric } from './compare.ts';
import { toInteger } from './fetch.ts';
import { goTypeName, isList, NamedInteger } from './value.ts';

const one = (call: (value: unknown) => unknown): Builtin => ({
  min: 1,
  max: 1,
  call: ([value]) => call(value),
});

const rounding = (name: string, round: (value: number) => number): Builtin =>
  one((value) => {
    if (isNumeric(value)) return round(Number(value));
    throw new Error(`invalid argument for ${name} (type ${goTypeName(value)})`);
  });

const bits = (name: string, call: (left: bigint, right: bigint) => bigint): Builtin => ({
  min: 2,
  max: 2,
  call: (args) => {
    const left = bitArgument(args[0], name);
    return BigInt.asIntN(64, call(left, bitArgument(args[1], name)));
  },
});

/** Functions on numbers. */
export const NUMBER_BUILTINS: Readonly<Record<string, Builtin>> = {
  abs: one((value) => {
    if (typeof value === 'bigint') return BigInt.asIntN(64, value < 0n ? -value : value);
    if (typeof value === 'number') return value < 0 ? -value : value;
    throw new Error(`invalid argument for abs (type ${goTypeName(value)})`);
  }),
  ceil: rounding('ceil', Math.ceil),
  floor: rounding('floor', Math.floor),
  round: rounding('round', roundAwayFromZero),
  int: one(toInt),
  float: one(toFloat),
  max: { min: 1, max: Infinity, call: (args) => extremeOrOnly('max', args, 1) },
  min: { min: 1, max: Infinity, call: (args) => extremeOrOnly('min', args, -1) },
  mean: { min: 1, max: Infinity, call: (args) => mean(collectNumbers('mean', args)) },
  median: { min: 1, max: Infinity, call: (args) => median(collectNumbers('median', args)) },
  bitand: bits('bitand', (left, right) => left & right),
  bitor: bits('bitor', (left, right) => left | right),
  bitxor: bits('bitxor', (left, right) => left ^ right),
  bitnand: bits('bitnand', (left, right) => left & ~right),
  bitshl: bits('bitshl', (left, right) => (shift(right) > 63n ? 0n : left << right)),
  bitshr: bits('bitshr', (left, right) => left >> shift(right)),
  bitushr: bits('bitushr', (left, right) => BigInt.asUintN(64, left) >> shift(right)),
  bitnot: one((value) => ~bitArgument(value, 'bitnot')),
};

function bitArgument(value: unknown, name: string): bigint {
  if (typeof value === 'bigint') return value;
  throw new Error(`cannot use ${goTypeName(value)} to call ${name}`);
}

function shift(count: bigint): bigint {
  if (count >= 0n) return count;
  throw new Error(`invalid operation: negative shift count ${count} (type int)`);
}

/** Go rounds halves away from zero; JavaScript rounds them up. */
function roundAwayFromZero(value: number): number {
  const whole = Math.trunc(value);
  if (Math.abs(value - whole) < 0.5) return whole === 0 && value < 0 ? -0 : whole;
  return whole + Math.sign(value);
}

/** `int(x)`: floats are cut, text must be a decimal integer of 64 bits. */
export function toInt(value: unknown): bigint {
  if (isNumeric(value)) return toInteger(value);
  if (value instanceof NamedInteger) return value.value;
  if (typeof value !== 'string') throw new Error(`invalid operation: int(${goTypeName(value)})`);
  const valid = /^[+-]?[0-9]+$/.test(value);
  const parsed = valid ? BigInt(value.replace(/^\+/, '')) : 0n;
  if (!valid || BigInt.asIntN(64, parsed) !== parsed) {
    throw new Error(`invalid operation: int(${value})`);
  }
  return parsed;
}

const FLOAT_TEXT = /^[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf|infinity|nan)$/i;

/** `float(x)`: text as strconv.ParseFloat reads it, except hexadecimal floats. */
export function toFloat(value: unknown): number {
  if (isNumeric(value)) return Number(value);
  if (typeof value !== 'string') throw new Error(`invalid operation: float(${goTypeName(value)})`);
  if (!FLOAT_TEXT.test(value)) throw new Error(`invalid operation: float(${value})`);
  const lower = value.toLowerCase();
  if (lower.includes('nan')) return Number.NaN;
  if (lower.includes('inf')) return lower.startsWith('-') ? -Infinity : Infinity;
  const parsed = Number(value);
  if (!Number.isFinite(parsed)) throw new Error(`invalid operation: float(${value})`);
  return parsed;
}

/** A single argument that is neither number nor list is given back as it is. */
function extremeOrOnly(name: string, args: readonly unknown[], sign: 1 | -1): unknown {
  const [only] = args;
  if (args.length === 1 && !isList(only) && !isNumeric(only)) return only;
  return extreme(name, args, sign);
}

/** The largest (`sign` 1) or smallest (-1) number in the arguments and the lists among them. */
function extreme(name: string, args: readonly unknown[], sign: 1 | -1): unknown {
  let best: unknown = null;
  for (const arg of args) {
    const value = isList(arg) ? extreme(name, arg, sign) : arg;
    if (isList(arg) && value === null) continue;
    if (!isNumeric(value))
      throw new Error(`invalid argument for ${name} (type ${goTypeName(arg)})`);
    if (best === null || compareValues(value, best, '<') * sign > 0) best = value;
  }
  return best;
}

function collectNumbers(name: string, args: readonly unknown[]): readonly number[] {
  return args.flatMap((arg) => {
    if (isList(arg)) return collectNumbers(name, arg);
    if (isNumeric(arg)) return [Number(arg)];
    throw new Error(`invalid argument for ${name} (type ${goTypeName(arg)})`);
  });
}

function mean(numbers: readonly number[]): number {
  if (numbers.length === 0) return 0;
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
