import { goFloatText, goQuote } from '../govalue/index.ts';
import { utf8Bytes } from '../bytes/index.ts';

/** What can be printed. */
export type PrintfValue = bigint | number | string | boolean | null;

/** Flags, width and precision of a directive. */
export interface VerbFlags {
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width: number;
  readonly precision: number | undefined;
}

/** Prints one value through a verb. */
export function formatVerb(verb: string, value: PrintfValue, flags: VerbFlags): string {
  const text = verb === 'T' ? formatText('s', typeName(value), flags) : byType(verb, value, flags);
  if (text !== undefined) return text;
  if (value === null) return `%!${verb}(<nil>)`;
  // Go prints the value of a wrong verb with the directive's own flags.
  return `%!${verb}(${typeName(value)}=${formatByType('v', value, flags) ?? ''})`;
}

function typeName(value: PrintfValue): string {
  if (value === null) return '<nil>';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

function byType(verb: string, value: PrintfValue, given: VerbFlags): string | undefined {
  // `%+v` and `%#v` ask for names and Go syntax; for single values only quoting is left of that.
  const flags = verb === 'v' ? { ...given, plus: false, sharp: false } : given;
  if (verb === 'v' && given.sharp && typeof value === 'string') {
    return formatText('q', value, flags);
  }
  return formatByType(verb, value, flags);
}

function formatByType(verb: string, value: PrintfValue, flags: VerbFlags): string | undefined {
  switch (typeof value) {
    case 'bigint':
      return formatInteger(verb, value, flags);
    case 'number':
      return formatFloat(verb, value, flags);
    case 'boolean':
      return verb === 't' || verb === 'v' ? pad(String(value), flags) : undefined;
    case 'string':
      return formatText(verb, value, flags);
    default:
      return verb === 'v' ? pad('<nil>', flags) : undefined;
  }
}

const BASES: Readonly<Record<string, { readonly radix: number; readonly prefix: string }>> = {
  d: { radix: 10, prefix: '' },
  v: { radix: 10, prefix: '' },
  b: { radix: 2, prefix: '0b' },
  o: { radix: 8, prefix: '0' },
  O: { radix: 8, prefix: '' },
  x: { radix: 16, prefix: '0x' },
  X: { radix: 16, prefix: '0X' },
};

const CODE_POINT_MAX = 0x10ffffn;

function formatInteger(verb: string, value: bigint, flags: VerbFlags): string | undefined {
  if (Object.hasOwn(BASES, verb)) return formatBased(verb, value, flags);
  const valid = value >= 0n && value <= CODE_POINT_MAX && !(value >= 0xd800n && value <= 0xdfffn);
  const char = String.fromCodePoint(valid ? Number(value) : 0xfffd);
  switch (verb) {
    case 'c':
      return pad(char, flags);
    case 'q':
      return pad(quoteRune(char), flags);
    case 'U':
      return formatCodePoint(value, valid ? char : '', flags);
    default:
      return undefined;
  }
}

/** `U+0041`, with the character behind it when asked for and printable. */
function formatCodePoint(value: bigint, char: string, flags: VerbFlags): string {
  const digits = BigInt.asUintN(64, value).toString(16).toUpperCase();
  const code = digits.padStart(Math.max(4, flags.precision ?? 0), '0');
  const shown = flags.sharp && /^(?: |[^\p{C}\p{Z}])$/u.test(char) ? ` '${char}'` : '';
  return pad(`U+${code}${shown}`, { ...flags, zero: false });
}

function quoteRune(char: string): string {
  if (char === "'") return "'\\''";
  return char === '"' ? `'"'` : `'${goQuote(char).slice(1, -1)}'`;
}

function formatBased(verb: string, value: bigint, flags: VerbFlags): string {
  const { precision } = flags;
  const unpadded = { ...flags, zero: false };
  if (precision === 0 && value === 0n) return pad('', unpadded);
  const magnitude = (value < 0n ? -value : value).toString(BASES[verb]?.radix ?? 10);
  const sign = signOf(value < 0n, flags);
  // Go counts the sign, but not the prefix, among the places that zeros fill.
  const zeros = flags.zero && precision === undefined ? flags.width - sign.length : 0;
  const digits = magnitude.padStart(precision ?? zeros, '0');
  return pad(
    sign + basePrefix(verb, digits, flags) + (verb === 'X' ? digits.toUpperCase() : digits),
    unpadded,
  );
}

function basePrefix(verb: string, digits: string, flags: VerbFlags): string {
  if (verb === 'O') return '0o';
  if (!flags.sharp || (verb === 'o' && digits.startsWith('0'))) return '';
  return BASES[verb]?.prefix ?? '';
}

function signOf(negative: boolean, flags: VerbFlags): string {
  if (negative) return '-';
  if (flags.plus) return '+';
  return flags.space ? ' ' : '';
}

function formatFloat(verb: string, value: number, flags: VerbFlags): string | undefined {
  const text = floatDigits(verb, Math.abs(value), flags.precision);
  if (text === undefined) return undefined;
  const negative = value < 0 || Object.is(value, -0);
  const sign = Number.isNaN(value) ? (flags.plus ? '+' : '') : signOf(negative, flags);
  if (flags.zero && Number.isFinite(value))
    return sign + text.padStart(flags.width - sign.length, '0');
  return pad(sign + text, { ...flags, zero: false });
}

const DIGITS_MAX = 100;

function floatDigits(
  verb: string,
  value: number,
  precision: number | undefined,
): string | undefined {
  if (!'eEfFgGv'.includes(verb)) return undefined;
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return 'Inf';
  const digits = Math.min(DIGITS_MAX, precision ?? 6);
  switch (verb) {
    case 'e':
      return exponent(scientific(value, digits));
    case 'E':
      return exponent(scientific(value, digits)).toUpperCase();
    case 'f':
    case 'F':
      return fixed(value, digits);
    default: {
      const text = precision === undefined ? goFloatText(value) : general(value, digits);
      return verb === 'G' ? text.toUpperCase() : text;
    }
  }
}

function general(value: number, precision: number): string {
  const digits = precision === 0 ? 1 : precision;
  const [mantissa = '', power = '0'] = scientific(value, digits - 1).split('e');
  const exponentValue = Number(power);
  if (exponentValue < -4 || exponentValue >= digits) {
    return exponent(`${trimZeros(mantissa)}e${power}`);
  }
  return trimZeros(fixed(value, Math.max(0, digits - 1 - exponentValue)));
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Numbers of 1e21 and more have no fixed form in JavaScript; they are integers, so BigInt has it. */
function fixed(value: number, precision: number): string {
  if (value < 1e21) return tieToEven(precision, (digits) => value.toFixed(digits));
  return precision === 0 ? String(BigInt(value)) : `${BigInt(value)}.${'0'.repeat(precision)}`;
}

function scientific(value: number, precision: number): string {
  const power = value.toExponential(precision).replace(/^.*e/, 'e');
  const mantissa = (digits: number): string => value.toExponential(digits).replace(/e.*$/, '');
  return tieToEven(precision, mantissa) + power;
}

/** JavaScript rounds an exact half up, Go to the even digit. */
function tieToEven(precision: number, render: (digits: number) => string): string {
  const rounded = render(precision);
  const exact = render(Math.min(DIGITS_MAX, precision + 30));
  const cut = exact.indexOf('.') + 1 + precision;
  if (!exact.includes('.') || !/^50*$/.test(exact.slice(cut))) return rounded;
  return /[13579]$/.test(rounded) ? exact.slice(0, cut).replace(/\.$/, '') : rounded;
}

/** Go writes at least two digits of exponent. */
function exponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

function formatText(verb: string, value: string, flags: VerbFlags): string | undefined {
  const { precision } = flags;
  const cut = precision === undefined ? value : [...value].slice(0, precision).join('');
  switch (verb) {
    case 's':
    case 'v':
      return pad(cut, flags);
    case 'q':
      return pad(flags.sharp && canBackquote(cut) ? `\`${cut}\`` : goQuote(cut), flags);
    case 'x':
    case 'X':
      return pad(hexOf(value, verb, flags), flags);
    default:
      return undefined;
  }
}

/** A raw text holds neither its own quotes nor control characters except tabs. */
function canBackquote(text: string): boolean {
  return !/[`\ufeff]|(?!\t)\p{Cc}/u.test(text.replace(/[\u0080-\u009f]/g, ''));
}

function hexOf(value: string, verb: string, flags: VerbFlags): string {
  const bytes = [...utf8Bytes(value)].slice(0, flags.precision);
  const pairs = bytes.map((byte) => byte.toString(16).padStart(2, '0'));
  const prefix = flags.sharp && pairs.length > 0 ? '0x' : '';
  const text = flags.space ? pairs.map((pair) => prefix + pair).join(' ') : prefix + pairs.join('');
  return verb === 'X' ? text.toUpperCase() : text;
}

/** Fills up to the width, counted in characters; zeros go left also for texts. */
function pad(text: string, flags: VerbFlags): string {
  const missing = flags.width - [...text].length;
  if (missing <= 0) return text;
  if (flags.minus) return text + ' '.repeat(missing);
  return (flags.zero ? '0' : ' ').repeat(missing) + text;
}
