import { isEmptyValue, kindOfValue, typeNameOf } from '../govalue/index.ts';
import { boolArgument, expectCount, textArgument, type SprigFunction } from './arguments.ts';
import { deepEqual } from './equality.ts';

/** Functions that choose between values or ask about their type. */
export const defaultFunctions: Readonly<Record<string, SprigFunction>> = {
  default: (args) => {
    expectCount(args, 1, Infinity);
    return args.length < 2 || isEmptyValue(args[1]) ? args[0] : args[1];
  },
  empty: (args) => {
    expectCount(args, 1);
    return isEmptyValue(args[0]);
  },
  coalesce: (args) => args.find((value) => !isEmptyValue(value)) ?? null,
  all: (args) => args.every((value) => !isEmptyValue(value)),
  any: (args) => args.some((value) => !isEmptyValue(value)),
  ternary: (args) => {
    expectCount(args, 3);
    return boolArgument(args, 2) ? args[0] : args[1];
  },
  fail: (args) => {
    expectCount(args, 1);
    throw new Error(textArgument(args, 0));
  },
  typeOf: (args) => {
    expectCount(args, 1);
    return typeNameOf(args[0]);
  },
  typeIs: (args) => {
    expectCount(args, 2);
    return typeNameOf(args[1]) === textArgument(args, 0);
  },
  typeIsLike: (args) => {
    expectCount(args, 2);
    const name = typeNameOf(args[1]);
    return name === textArgument(args, 0) || name === `*${textArgument(args, 0)}`;
  },
  kindOf: (args) => {
    expectCount(args, 1);
    return kindOfValue(args[0]);
  },
  kindIs: (args) => {
    expectCount(args, 2);
    return kindOfValue(args[1]) === textArgument(args, 0);
  },
  deepEqual: (args) => {
    expectCount(args, 2);
    return deepEqual(args[0], args[1]);
  },
};
