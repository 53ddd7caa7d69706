import { failLang } from '../error.ts';
import { goValueText } from '../govalue/index.ts';
import { isNil } from './compare.ts';
import { utf8Bytes, utf8Text } from '../bytes/index.ts';
import { methodOf } from './time-methods.ts';
import { goTypeName, isList, isMap, mapGet, type ExprMap } from './value.ts';

/** `target[property]`: nil for a missing key, an error for a missing index or an impossible target. */
export function fetchMember(target: unknown, property: unknown, offset: number): unknown {
  if (isMap(target)) return mapMember(target, property, offset);
  if (isList(target)) {
    return target[indexWithin(property, target.length, offset)] ?? null;
  }
  if (typeof target === 'string') {
    const bytes = utf8Bytes(target);
    return BigInt(bytes[indexWithin(property, bytes.length, offset)] ?? 0);
  }
  if (target instanceof Uint8Array) {
    return BigInt(target[indexWithin(property, target.length, offset)] ?? 0);
  }
  const method = methodOf(target, property);
  if (method !== undefined) return method;
  const name = goValueText(property);
  return failLang('Evaluation', `cannot fetch ${name} from ${goTypeName(target)}`, offset);
}

/** Maps made of text keys refuse others; nil stands for the empty text, as in Go. */
function mapMember(target: ExprMap, property: unknown, offset: number): unknown {
  if (target instanceof Map) return target.get(property) ?? null;
  if (typeof property === 'string' || isNil(property))
    return mapGet(target, property ?? '') ?? null;
  const sentence = `cannot use ${goTypeName(property)} to get an element from a map of text keys`;
  return failLang('Evaluation', sentence, offset);
}

function indexWithin(property: unknown, length: number, offset: number): number {
  const given = Number(toInteger(property));
  const index = given < 0 ? length + given : given;
  if (index >= 0 && index < length) return index;
  const sentence = `index out of range: ${index} (array length is ${length})`;
  return failLang('Evaluation', sentence, offset);
}

/** An int from an int or a float (cut towards zero). */
export function toInteger(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return BigInt(Math.trunc(value));
  return failLang('Evaluation', `invalid operation: int(${goTypeName(value)})`);
}

/** `target[from:to]` with Go slices' meaning of negative and overlong bounds; text is cut by bytes. */
export function sliceValue(
  target: unknown,
  from: bigint,
  to: bigint | undefined,
  offset: number,
): unknown {
  if (typeof target === 'string') {
    const bytes = utf8Bytes(target);
    const [start, end] = sliceBounds(from, to, bytes.length);
    return utf8Text(bytes.subarray(start, end));
  }
  if (isList(target) || target instanceof Uint8Array) {
    const [start, end] = sliceBounds(from, to, target.length);
    return target.slice(start, end);
  }
  const shown = isNil(target) ? '<nil>' : goTypeName(target);
  return failLang('Evaluation', `cannot slice ${shown}`, offset);
}

function sliceBounds(from: bigint, to: bigint | undefined, length: number): [number, number] {
  const start = Math.max(0, from < 0n ? length + Number(from) : Number(from));
  const given = to === undefined ? length : Number(to);
  const end = Math.min(length, Math.max(0, given < 0 ? length + given : given));
  return [Math.min(start, end), end];
}
