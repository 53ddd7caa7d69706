import { goValueText, isEmptyValue, isGoMap, kindOfValue, typeNameOf } from '../govalue/index.ts';
import { compareText } from '../govalue/index.ts';
import { utf8Bytes } from '../bytes/index.ts';
import { goPrintf, type PrintfValue } from '../printf/index.ts';

/** A function a template may call; throws Error on bad arguments. */
export type TemplateFunction = (args: readonly unknown[]) => unknown;

/** False, zero, nil and what is empty are false; a struct such as a time is true. */
export const isTrueValue = (value: unknown): boolean => !isEmptyValue(value);

function need(args: readonly unknown[], least: number, exact = false): void {
  if (args.length === least || (!exact && args.length > least)) return;
  const want = exact ? String(least) : `at least ${least}`;
  throw new Error(`wrong number of args: want ${want} got ${args.length}`);
}

function indexInto(args: readonly unknown[]): unknown {
  need(args, 1);
  return args.slice(1).reduce(indexOne, args[0]);
}

function indexOne(item: unknown, key: unknown): unknown {
  if (item === null || item === undefined) throw new Error('index of untyped nil');
  if (isGoMap(item)) {
    if (typeof key !== 'string')
      throw new Error(`value has type ${typeNameOf(key)}; should be string`);
    return Object.hasOwn(item, key) ? item[key] : undefined;
  }
  if (!Array.isArray(item) && typeof item !== 'string') {
    throw new Error(`can't index item of type ${typeNameOf(item)}`);
  }
  const at = wholeNumber(key);
  const list: ArrayLike<unknown> = typeof item === 'string' ? utf8Bytes(item) : item;
  if (at < 0 || at >= list.length) throw new Error(`index out of range: ${at}`);
  const found = list[at];
  return typeof item === 'string' ? BigInt(Number(found)) : found;
}

function wholeNumber(value: unknown): number {
  if (typeof value === 'bigint') return Number(value);
  throw new Error(`cannot index slice/array with type ${typeNameOf(value)}`);
}

function length(args: readonly unknown[]): bigint {
  need(args, 1, true);
  const [value] = args;
  if (typeof value === 'string') return BigInt(utf8Bytes(value).length);
  if (Array.isArray(value)) return BigInt(value.length);
  if (isGoMap(value)) return BigInt(Object.keys(value).length);
  if (value === null || value === undefined) throw new Error('len of nil pointer');
  throw new Error(`len of type ${typeNameOf(value)}`);
}

type Basic = 'bool' | 'int' | 'float' | 'string';

function basicKind(value: unknown): Basic {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float';
    case 'string':
      return 'string';
    default:
      throw new Error(`invalid type for comparison`);
  }
}

function incompatible(left: unknown, right: unknown): Error {
  const [a, b] = [typeNameOf(left), typeNameOf(right)];
  return new Error(`incompatible types for comparison: ${a} and ${b}`);
}

function equalOne(left: unknown, right: unknown): boolean {
  const isNil = (value: unknown): boolean => value === null || value === undefined;
  if (isNil(left) || isNil(right)) return isNil(left) && isNil(right);
  if (isGoMap(left) || Array.isArray(left)) {
    throw new Error(`non-comparable type ${goValueText(left)}: ${typeNameOf(left)}`);
  }
  if (basicKind(left) !== basicKind(right)) throw incompatible(left, right);
  return left === right;
}

function equal(args: readonly unknown[]): boolean {
  need(args, 2);
  return args.slice(1).some((value) => equalOne(args[0], value));
}

function lessThan(left: unknown, right: unknown): boolean {
  if (basicKind(left) !== basicKind(right)) throw incompatible(left, right);
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right) < 0;
  if (typeof left === 'number' && typeof right === 'number') return left < right;
  if (typeof left === 'bigint' && typeof right === 'bigint') return left < right;
  throw new Error('invalid type for comparison');
}

function compare(work: (left: unknown, right: unknown) => boolean): TemplateFunction {
  return (args) => {
    need(args, 2, true);
    return work(args[0], args[1]);
  };
}

/** fmt.Sprint: a blank between neighbours that are both no text. */
function sprint(args: readonly unknown[]): string {
  return args.reduce((text: string, value, index) => {
    const isApart = index > 0 && typeof value !== 'string' && typeof args[index - 1] !== 'string';
    return `${text}${isApart ? ' ' : ''}${goValueText(value)}`;
  }, '');
}

function printf(args: readonly unknown[]): string {
  need(args, 1);
  const [format, ...values] = args;
  if (typeof format !== 'string') throw new Error('wrong type for value; expected string');
  const printable = values.map((value): PrintfValue => {
    const isPlain =
      value === null || ['bigint', 'number', 'string', 'boolean'].includes(typeof value);
    return isPlain ? (value as PrintfValue) : goValueText(value);
  });
  return goPrintf(format, ...printable);
}

const HTML: Readonly<Record<string, string>> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\0': '\ufffd',
};
const JS: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

function jsEscape(text: string): string {
  return [...text]
    .map((character) => {
      const known = JS[character];
      if (known !== undefined) return known;
      const code = character.codePointAt(0) ?? 0;
      if (code >= 0x20 && !/[\p{C}\u2028\u2029]/u.test(character)) return character;
      return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
    })
    .join('');
}

function queryEscape(text: string): string {
  return Array.from(utf8Bytes(text), (byte) => {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9_.~-]/.test(character)) return character;
    return byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** The functions every Go template has; `and` and `or` are evaluated lazily by the executor. */
export const builtinFunctions: ReadonlyMap<string, TemplateFunction> = new Map<
  string,
  TemplateFunction
>([
  ['and', () => undefined],
  ['or', () => undefined],
  [
    'not',
    (args) => {
      need(args, 1, true);
      return !isTrueValue(args[0]);
    },
  ],
  ['len', length],
  ['index', indexInto],
  ['eq', equal],
  ['ne', compare((left, right) => !equalOne(left, right))],
  ['lt', compare(lessThan)],
  ['le', compare((left, right) => lessThan(left, right) || equalOne(left, right))],
  ['gt', compare((left, right) => !lessThan(left, right) && !equalOne(left, right))],
  ['ge', compare((left, right) => !lessThan(left, right))],
  ['print', sprint],
  ['println', (args) => `${args.map(goValueText).join(' ')}\n`],
  ['printf', printf],
  ['html', (args) => sprint(args).replace(/["'&<>\0]/g, (character) => HTML[character] ?? '')],
  ['js', (args) => jsEscape(sprint(args))],
  ['urlquery', (args) => queryEscape(sprint(args))],
  [
    'call',
    (args) => {
      need(args, 1);
      throw new Error(`non-function of type ${kindOfValue(args[0])}`);
    },
  ],
]);
