import { goValueText, isGoMap, kindOfValue, typeNameOf } from '../govalue/index.ts';

/** A template function over Go values; throws Error on bad arguments, as Go panics. */
export type SprigFunction = (args: readonly unknown[]) => unknown;

/** Checks the number of arguments as Go's template engine does. */
export function expectCount(args: readonly unknown[], least: number, most = least): void {
  if (args.length >= least && args.length <= most) return;
  const want = most === Infinity ? `at least ${least}` : String(least);
  throw new Error(`wrong number of args: want ${want} got ${args.length}`);
}

function wrongType(expected: string, value: unknown): Error {
  return new Error(`wrong type for value; expected ${expected}; got ${typeNameOf(value)}`);
}

/** The argument as text; anything else is an error. */
export function textArgument(args: readonly unknown[], index: number): string {
  const value = args[index];
  if (typeof value !== 'string') throw wrongType('string', value);
  return value;
}

/** The argument as an int within JavaScript's exact range; a whole constant such as 3.0 counts. */
export function intArgument(args: readonly unknown[], index: number): number {
  const value = args[index];
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw wrongType('int', value);
}

/** The argument as bool; anything else is an error. */
export function boolArgument(args: readonly unknown[], index: number): boolean {
  const value = args[index];
  if (typeof value !== 'boolean') throw wrongType('bool', value);
  return value;
}

/** The argument as a map; anything else is an error. */
export function mapArgument(args: readonly unknown[], index: number): Record<string, unknown> {
  const value = args[index];
  if (!isGoMap(value)) throw wrongType('map[string]interface {}', value);
  return value;
}

/** The argument as a slice; sprig names the kind it found instead. */
export function listArgument(
  args: readonly unknown[],
  index: number,
  verb: string,
): readonly unknown[] {
  const value = args[index];
  if (!Array.isArray(value)) throw new Error(`Cannot ${verb} on type ${kindOfValue(value)}`);
  return value;
}

/** sprig's strslice: a slice as texts without nils, nil as nothing, anything else as one text. */
export function textsOf(value: unknown): readonly string[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) return [goValueText(value)];
  return value.filter((item) => item !== null && item !== undefined).map(goValueText);
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** spf13/cast ToInt64: numbers are cut, booleans are 0 or 1, text is read as a number, else 0. */
export function toInt64(value: unknown): bigint {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value);
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value !== 'string') return 0n;
  return parsePrefixed(value.replace(/\.0*$/, '')) ?? 0n;
}

/** strconv.ParseInt with base 0: decimal, or `0x`, `0o`, `0b`, and `0` for octal. */
function parsePrefixed(text: string): bigint | undefined {
  const match = /^([+-]?)(0[xX][\da-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/.exec(
    text.replace(/(?<=[\da-fA-FxXbBoO])_(?=[\da-fA-F])/g, ''),
  );
  if (match === null) return undefined;
  const [, sign = '', digits = '0'] = match;
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const signed = sign === '-' ? -value : value;
  return signed < INT64_MIN || signed > INT64_MAX ? undefined : signed;
}

/** strconv.ParseInt of decimal text, undefined when it is none or out of range. */
export function parseInteger(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace('+', ''));
  return value < INT64_MIN || value > INT64_MAX ? undefined : value;
}

/** spf13/cast ToFloat64. */
export function toFloat64(value: unknown): number {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return 0;
  return parseFloat64(value) ?? 0;
}

/** strconv.ParseFloat of decimal text, undefined when it is none. */
export function parseFloat64(text: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text);
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^nan$/i.test(text) ? NaN : undefined;
}
