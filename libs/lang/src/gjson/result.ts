import { plainText } from '../govalue/index.ts';
import { skipBlanks, unquote } from './scan.ts';

/** The type of a found value. */
export type GjsonType = 'null' | 'false' | 'true' | 'number' | 'string' | 'json';

/** What a path found. */
export interface GjsonResult {
  /** False when the path leads nowhere; a JSON null exists. */
  readonly exists: boolean;
  readonly type: GjsonType;
  /** The exact bytes of the value in the document; computed for counts and collected lists. */
  readonly raw: string;
  /** gjson's String(): text of a string, '' of null, raw text of objects and arrays. */
  readonly text: string;
  /** gjson's Float(): numeric value of numbers and numeric texts, 1 for true, else 0. */
  readonly number: number;
  /** gjson's Bool(): true, a text that Go's ParseBool takes as true, or a number other than 0. */
  readonly bool: boolean;
  /** Offset of the value in the searched text; 0 when it is not a part of it. */
  readonly index: number;
  /** Offsets of the items of a list collected by `#`. */
  readonly indexes?: readonly number[];
}

/** The answer of a path that leads nowhere. */
export const missing: GjsonResult = {
  exists: false,
  type: 'null',
  raw: '',
  text: '',
  number: 0,
  bool: false,
  index: 0,
};

const TRUE_TEXTS = new Set(['1', 't', 'true']);
const FALSE_TEXTS = new Set(['0', 'f', 'false']);

/** Go's ParseBool of a text in any letter case, undefined when it is neither. */
export function parseBoolLoosely(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  if (TRUE_TEXTS.has(lower)) return true;
  return FALSE_TEXTS.has(lower) ? false : undefined;
}

/** strconv.ParseFloat with its error ignored. */
export function parseFloatLoosely(text: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text);
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^nan$/i.test(text) ? NaN : 0;
}

/** The result for the exact text of one value. */
export function resultOf(raw: string, index: number): GjsonResult {
  const base = { exists: true, raw, index };
  switch (raw.charAt(0)) {
    case '"': {
      const text = unquote(raw);
      const number = parseFloatLoosely(text);
      return { ...base, type: 'string', text, number, bool: parseBoolLoosely(text) ?? false };
    }
    case '{':
    case '[':
      return { ...base, type: 'json', text: raw, number: 0, bool: false };
    case 't':
      return { ...base, type: 'true', text: 'true', number: 1, bool: true };
    case 'f':
      return { ...base, type: 'false', text: 'false', number: 0, bool: false };
    default:
      return numberOrNull(raw, index);
  }
}

function numberOrNull(raw: string, index: number): GjsonResult {
  const base = { exists: true, raw, index };
  if (raw === '' || raw.startsWith('nu')) {
    return { ...base, type: 'null', text: '', number: 0, bool: false, exists: raw !== '' };
  }
  if (!/^[-+0-9iInN]/.test(raw)) return missing;
  const number = parseFloatLoosely(raw);
  const text = /^-?\d*$/.test(raw) ? raw : floatText(number);
  return { ...base, type: 'number', text, number, bool: number !== 0 };
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return Object.is(value, -0) ? '-0' : plainText(value);
}

/** gjson's Parse: the value a text begins with; an object or array keeps all that follows it. */
export function parseValue(json: string): GjsonResult {
  const start = skipBlanks(json, 0);
  const text = json.slice(start);
  const token = VALUE_START.exec(text)?.[0];
  if (token === undefined) return missing;
  return resultOf(/^[{[]/.test(token) ? text : token, start);
}

/** A string, word, number or opening bracket at the start of a text. */
const VALUE_START = /^(?:"(?:[^"\\]|\\.)*"?|(?:[tf]|nu)[a-z]*|[-+0-9iInN][^\s,\]}]*|[{[])/s;
