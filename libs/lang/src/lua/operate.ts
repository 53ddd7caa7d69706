import { compareText } from '../govalue/index.ts';
import {
  isTruthy,
  LuaError,
  luaNumberText,
  LuaTable,
  luaTypeName,
  toLuaNumber,
  type LuaFunction,
  type LuaValue,
} from './value.ts';

/** Longest chain of `__index` or `__newindex`. */
const META_CHAIN_MAX = 100;
/** Longest text a script may build, in UTF-16 units. */
export const LUA_TEXT_UNITS_MAX = 4 * 1024 * 1024;

/** The metamethod of a table, undefined when it has none. */
export function metamethod(value: LuaValue, name: string): LuaValue {
  return value instanceof LuaTable ? value.metatable?.get(name) : undefined;
}

/** Calls a value with arguments; a table may be callable by `__call`. */
export function callValue(callee: LuaValue, args: readonly LuaValue[]): readonly LuaValue[] {
  if (typeof callee === 'function') return callee(args);
  const method = metamethod(callee, '__call');
  if (typeof method === 'function') return method([callee, ...args]);
  throw new LuaError(`attempt to call a ${luaTypeName(callee)} value`);
}

/** `owner[key]`, with `__index`; strings have the methods of the string library. */
export function indexValue(owner: LuaValue, key: LuaValue, strings: LuaTable): LuaValue {
  let current = owner;
  for (let count = 0; count < META_CHAIN_MAX; count += 1) {
    if (typeof current === 'string') return strings.get(key);
    if (!(current instanceof LuaTable)) {
      throw new LuaError(`attempt to index a ${luaTypeName(current)} value`);
    }
    const found = current.get(key);
    if (found !== undefined) return found;
    const handler = metamethod(current, '__index');
    if (handler === undefined) return undefined;
    if (typeof handler === 'function') return handler([current, key])[0];
    current = handler;
  }
  throw new LuaError('loop in gettable');
}

/** `owner[key] = value`, with `__newindex`. */
export function assignIndex(owner: LuaValue, key: LuaValue, value: LuaValue): void {
  let current = owner;
  for (let count = 0; count < META_CHAIN_MAX; count += 1) {
    if (!(current instanceof LuaTable)) {
      throw new LuaError(`attempt to index a ${luaTypeName(current)} value`);
    }
    const handler = metamethod(current, '__newindex');
    if (handler === undefined || current.get(key) !== undefined) {
      current.set(key, value);
      return;
    }
    if (typeof handler === 'function') {
      handler([current, key, value]);
      return;
    }
    current = handler;
  }
  throw new LuaError('loop in settable');
}

const ARITHMETIC: Readonly<
  Record<string, readonly [string, (left: number, right: number) => number]>
> = {
  '+': ['__add', (left, right) => left + right],
  '-': ['__sub', (left, right) => left - right],
  '*': ['__mul', (left, right) => left * right],
  '/': ['__div', (left, right) => left / right],
  '%': ['__mod', (left, right) => left - Math.floor(left / right) * right],
  '^': ['__pow', (left, right) => left ** right],
};

function handlerOf(left: LuaValue, right: LuaValue, name: string): LuaFunction | undefined {
  const handler = metamethod(left, name) ?? metamethod(right, name);
  return typeof handler === 'function' ? handler : undefined;
}

/** Any binary operator but `and` and `or`. */
export function binary(operator: string, left: LuaValue, right: LuaValue): LuaValue {
  switch (operator) {
    case '==':
      return equals(left, right);
    case '~=':
      return !equals(left, right);
    case '<':
      return lessThan(left, right);
    case '>':
      return lessThan(right, left);
    case '<=':
      return lessOrEqual(left, right);
    case '>=':
      return lessOrEqual(right, left);
    case '..':
      return concat(left, right);
    default:
      return arithmetic(operator, left, right);
  }
}

function arithmetic(operator: string, left: LuaValue, right: LuaValue): LuaValue {
  const [name, work] = ARITHMETIC[operator] ?? ['', () => NaN];
  const [a, b] = [toLuaNumber(left), toLuaNumber(right)];
  if (a !== undefined && b !== undefined) return work(a, b);
  const handler = handlerOf(left, right, name);
  if (handler !== undefined) return handler([left, right])[0];
  const wrong = a === undefined ? left : right;
  throw new LuaError(`attempt to perform arithmetic on a ${luaTypeName(wrong)} value`);
}

/** `==`: the same value, or two tables whose `__eq` says so. */
export function equals(left: LuaValue, right: LuaValue): boolean {
  if (left === right) return true;
  if (!(left instanceof LuaTable) || !(right instanceof LuaTable)) return false;
  const handler = handlerOf(left, right, '__eq');
  return handler !== undefined && isTruthy(handler([left, right])[0]);
}

/** `<` on two numbers, two strings, or by `__lt`. */
export function lessThan(left: LuaValue, right: LuaValue): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left < right;
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right) < 0;
  const handler = handlerOf(left, right, '__lt');
  if (handler !== undefined) return isTruthy(handler([left, right])[0]);
  throw incomparable(left, right);
}

function lessOrEqual(left: LuaValue, right: LuaValue): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left <= right;
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right) <= 0;
  const handler = handlerOf(left, right, '__le');
  if (handler !== undefined) return isTruthy(handler([left, right])[0]);
  if (handlerOf(left, right, '__lt') !== undefined) return !lessThan(right, left);
  throw incomparable(left, right);
}

function incomparable(left: LuaValue, right: LuaValue): LuaError {
  const [a, b] = [luaTypeName(left), luaTypeName(right)];
  const what = a === b ? `two ${a} values` : `${a} with ${b}`;
  return new LuaError(`attempt to compare ${what}`);
}

function concat(left: LuaValue, right: LuaValue): LuaValue {
  const isText = (value: LuaValue): value is string | number =>
    typeof value === 'string' || typeof value === 'number';
  if (isText(left) && isText(right)) {
    const text = plainText(left) + plainText(right);
    if (text.length > LUA_TEXT_UNITS_MAX) throw new LuaError('a string is too long');
    return text;
  }
  const handler = handlerOf(left, right, '__concat');
  if (handler !== undefined) return handler([left, right])[0];
  const wrong = isText(left) ? right : left;
  throw new LuaError(`attempt to concatenate a ${luaTypeName(wrong)} value`);
}

const plainText = (value: string | number): string =>
  typeof value === 'number' ? luaNumberText(value) : value;

/** `tostring`, with `__tostring`. */
export function toText(value: LuaValue): string {
  const handler = metamethod(value, '__tostring');
  if (typeof handler === 'function') return toText(handler([value])[0]);
  if (typeof value === 'string' || typeof value === 'number') return plainText(value);
  if (value === undefined) return 'nil';
  if (typeof value === 'boolean') return String(value);
  return luaTypeName(value);
}
