import { goValueText } from '../govalue/index.ts';
import {
  expectCount,
  intArgument,
  parseInteger,
  toFloat64,
  toInt64,
  type SprigFunction,
} from './arguments.ts';
import { decimalFold } from './decimal.ts';

/** Longest list `until`, `untilStep` and `seq` may build, in items. */
export const RANGE_ITEMS_MAX = 1_000_000;

const wrap64 = (value: bigint): bigint => BigInt.asIntN(64, value);

function foldInts(work: (left: bigint, right: bigint) => bigint): SprigFunction {
  return (args) => {
    expectCount(args, 1, Infinity);
    return args
      .slice(1)
      .reduce((sum: bigint, value) => wrap64(work(sum, toInt64(value))), toInt64(args[0]));
  };
}

function ofTwoInts(work: (left: bigint, right: bigint) => bigint): SprigFunction {
  return (args) => {
    expectCount(args, 2);
    return wrap64(work(toInt64(args[0]), toInt64(args[1])));
  };
}

function nonZero(divisor: bigint): bigint {
  if (divisor === 0n) throw new Error('runtime error: integer divide by zero');
  return divisor;
}

function ofFloat(work: (value: number) => unknown): SprigFunction {
  return (args) => {
    expectCount(args, 1);
    return work(toFloat64(args[0]));
  };
}

function untilStep(start: number, stop: number, step: number): readonly bigint[] {
  const isDown = stop < start;
  if (isDown ? step >= 0 : step <= 0) return [];
  const count = Math.ceil((stop - start) / step);
  if (count > RANGE_ITEMS_MAX) throw new Error(`a list of more than ${RANGE_ITEMS_MAX} items`);
  return Array.from({ length: count }, (_, index) => BigInt(start + index * step));
}

function sequence(params: readonly number[]): string {
  const [first = 0, second = 0, third = 0] = params;
  const list = (start: number, step: number, end: number): string =>
    untilStep(start, end + (end < start ? -1 : 1), step).join(' ');
  if (params.length === 1) return list(1, first < 1 ? -1 : 1, first);
  if (params.length === 2) return list(first, second < first ? -1 : 1, second);
  if (params.length !== 3 || (third < first && second > 0)) return '';
  return list(first, second, third);
}

/** Rounds half away only upwards: the fraction decides, so negative numbers go towards zero. */
function round(value: number, places: number, roundOn: number): number {
  const power = 10 ** places;
  const digit = power * value;
  const fraction = digit - Math.trunc(digit);
  return (fraction >= roundOn ? Math.ceil(digit) : Math.floor(digit)) / power;
}

/** Functions on numbers; arguments are cast as spf13/cast does. */
export const numberFunctions: Readonly<Record<string, SprigFunction>> = {
  atoi: (args) => {
    expectCount(args, 1);
    return typeof args[0] === 'string' ? (parseInteger(args[0]) ?? 0n) : toInt64(args[0]);
  },
  int: (args) => {
    expectCount(args, 1);
    return toInt64(args[0]);
  },
  int64: (args) => {
    expectCount(args, 1);
    return toInt64(args[0]);
  },
  float64: ofFloat((value) => value),
  toDecimal: (args) => {
    expectCount(args, 1);
    const text = goValueText(args[0]);
    if (!/^[+-]?[0-7]+$/.test(text)) return 0n;
    const digits = BigInt(`0o${text.replace(/^[+-]/, '')}`);
    return text.startsWith('-') ? -digits : digits;
  },
  add: (args) => args.reduce((sum: bigint, value) => wrap64(sum + toInt64(value)), 0n),
  add1: (args) => {
    expectCount(args, 1);
    return wrap64(toInt64(args[0]) + 1n);
  },
  sub: ofTwoInts((left, right) => left - right),
  div: ofTwoInts((left, right) => left / nonZero(right)),
  mod: ofTwoInts((left, right) => left % nonZero(right)),
  mul: foldInts((left, right) => left * right),
  max: foldInts((left, right) => (right > left ? right : left)),
  biggest: foldInts((left, right) => (right > left ? right : left)),
  min: foldInts((left, right) => (right < left ? right : left)),
  maxf: (args) => Math.max(...args.map(toFloat64)),
  minf: (args) => Math.min(...args.map(toFloat64)),
  add1f: (args) => decimalFold('+', [toFloat64(args[0]), 1]),
  addf: (args) => decimalFold('+', [0, ...args.map(toFloat64)]),
  subf: (args) => decimalFold('-', args.map(toFloat64)),
  mulf: (args) => decimalFold('*', args.map(toFloat64)),
  divf: (args) => decimalFold('/', args.map(toFloat64)),
  ceil: ofFloat(Math.ceil),
  floor: ofFloat(Math.floor),
  round: (args) => {
    expectCount(args, 2, 3);
    const roundOn = args.length > 2 ? toFloat64(args[2]) : 0.5;
    return round(toFloat64(args[0]), intArgument(args, 1), roundOn);
  },
  until: (args) => {
    expectCount(args, 1);
    const count = intArgument(args, 0);
    return untilStep(0, count, count < 0 ? -1 : 1);
  },
  untilStep: (args) => {
    expectCount(args, 3);
    return untilStep(intArgument(args, 0), intArgument(args, 1), intArgument(args, 2));
  },
  seq: (args) => sequence(args.map((_, index) => intArgument(args, index))),
};
