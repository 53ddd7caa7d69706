/**
 * Values as Go sees them: int = bigint, float64 = number, nil = null or undefined, slice = array,
 * map[string]interface{} = plain object, time.Time = Date (UTC).
 */
export function isGoMap(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array)
  );
}

/** Keys in the order in which Go prints and marshals maps: by UTF-8 bytes. */
export function sortedKeys(map: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(map).sort(compareText);
}

/** Compares texts by code point, which is the order of their UTF-8 bytes. */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return surrogateRank(a) - surrogateRank(b);
  }
  return left.length - right.length;
}

/** Moves surrogates above all other units, so UTF-16 order equals code point order. */
function surrogateRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** Prints a value as Go's `%v`: `map[a:1 b:[x y]]`, `<nil>`, `1e+06`. */
export function goValueText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return goFloatText(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  return typeof value === 'function' ? 'func' : goObjectText(value);
}

function goObjectText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goValueText).join(' ')}]`;
  if (value instanceof Date) return goTimeText(value);
  if (hasStringMethod(value)) return value.String();
  if (value instanceof Map) return anyKeyedText(value);
  if (!isGoMap(value)) return String(value);
  const pairs = sortedKeys(value).map((key) => `${key}:${goValueText(value[key])}`);
  return `map[${pairs.join(' ')}]`;
}

/** A map whose keys are of any kind (`fromPairs`, `groupBy`): Go prints them in order, nil first. */
function anyKeyedText(map: ReadonlyMap<unknown, unknown>): string {
  const entries = [...map.entries()].sort(([left], [right]) => compareKeys(left, right));
  const pairs = entries.map(([key, item]) => `${goValueText(key)}:${goValueText(item)}`);
  return `map[${pairs.join(' ')}]`;
}

/** Keys of different kinds have no order that Go promises; here it is that of the kinds' names. */
function compareKeys(left: unknown, right: unknown): number {
  const [first, second] = [kindRank(left), kindRank(right)];
  if (first !== second) return compareText(first, second);
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  return (left as number) < (right as number) ? -1 : Number((left as number) > (right as number));
}

function kindRank(key: unknown): string {
  return key === null || key === undefined ? '' : typeof key;
}

function hasStringMethod(value: unknown): value is { String(): string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'String' in value &&
    typeof value.String === 'function'
  );
}

function goTimeText(value: Date): string {
  const text = value.toISOString();
  const fraction = text.slice(19, 23).replace(/\.?0+$/, '');
  return `${text.slice(0, 10)} ${text.slice(11, 19)}${fraction} +0000 UTC`;
}

/** The power of ten from which Go's shortest `%v` writes an exponent. */
const EXPONENT_FROM = 6;

/** Prints a float64 as Go's `%v`: `4.5`, `100`, `1e+06`, `1e-05`. */
export function goFloatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < EXPONENT_FROM) return plainText(value);
  const sign = exponent < 0 ? '-' : '+';
  return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** Decimal text without exponent, with the shortest digits that identify the number. */
export function plainText(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  const [mantissa = '', exponentText = '0'] = text.split('e');
  const exponent = Number(exponentText);
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  const whole = mantissa.replace('-', '').split('.')[0]?.length ?? 1;
  const point = whole + exponent;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
