/** A value of Lua 5.1; nil is undefined. Numbers are doubles. */
export type LuaValue = undefined | boolean | number | string | LuaTable | LuaFunction;

/** A function takes and gives lists of values. */
export type LuaFunction = (args: readonly LuaValue[]) => readonly LuaValue[];

/** An error a script raised (`error(value)`) or an operation that cannot be done. */
export class LuaError extends Error {
  readonly value: LuaValue;

  constructor(value: LuaValue) {
    super(typeof value === 'string' ? value : luaTypeName(value));
    this.name = 'LuaError';
    this.value = value;
  }
}

/** A table: keys in the order in which they were first set; setting nil removes. */
export class LuaTable {
  readonly entries = new Map<LuaValue, LuaValue>();
  metatable: LuaTable | undefined = undefined;

  get(key: LuaValue): LuaValue {
    return this.entries.get(key);
  }

  set(key: LuaValue, value: LuaValue): void {
    if (key === undefined) throw new LuaError('table index is nil');
    if (typeof key === 'number' && Number.isNaN(key)) throw new LuaError('table index is NaN');
    if (value === undefined) this.entries.delete(key);
    else this.entries.set(key === 0 ? 0 : key, value);
  }

  /** The border: the n for which n is set and n + 1 is not, found upwards from 1. */
  length(): number {
    let length = this.entries.size;
    if (length > 0 && this.entries.has(length) && !this.entries.has(length + 1)) return length;
    length = 0;
    while (this.entries.has(length + 1)) length += 1;
    return length;
  }
}

/** The name `type()` gives. */
export function luaTypeName(value: LuaValue): string {
  if (value === undefined) return 'nil';
  if (value instanceof LuaTable) return 'table';
  return typeof value;
}

/** Only nil and false are false. */
export const isTruthy = (value: LuaValue): boolean => value !== undefined && value !== false;

/** Digits Lua 5.1 prints of a number. */
const NUMBER_DIGITS = 14;

/** Prints a number as C's `%.14g`, as Lua 5.1 does. */
export function luaNumberText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return '0';
  const [mantissa = '', exponentText = '0'] = value.toExponential(NUMBER_DIGITS - 1).split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= NUMBER_DIGITS) {
    const sign = exponent < 0 ? '-' : '+';
    return `${trimZeros(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  return trimZeros(value.toFixed(Math.max(0, NUMBER_DIGITS - 1 - exponent)));
}

const trimZeros = (text: string): string =>
  text.includes('.') ? text.replace(/\.?0+$/, '') : text;

/** A number from a number or a text that is one, as arithmetic takes it. */
export function toLuaNumber(value: LuaValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^[+-]?0[xX][\da-fA-F]+$/.test(text)) {
    return text.startsWith('-') ? -Number(text.slice(1)) : Number(text.replace('+', ''));
  }
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}
