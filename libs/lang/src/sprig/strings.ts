import { utf8Bytes, utf8Text } from '../bytes/index.ts';
import { goQuote, goValueText } from '../govalue/index.ts';
import { camelCase, lowerCaseWords } from './cases.ts';
import {
  expectCount,
  intArgument,
  textArgument,
  textsOf,
  type SprigFunction,
} from './arguments.ts';

/** Longest text a single call may build, in UTF-16 units. */
export const TEXT_UNITS_MAX = 4 * 1024 * 1024;

/** The byte slice Go would take; a character cut in two becomes U+FFFD. */
export function sliceBytes(text: string, from: number, to: number): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text.slice(from, to);
  return utf8Text(utf8Bytes(text).slice(from, to));
}

const byteLength = (text: string): number => utf8Bytes(text).length;

/** A function of one text. */
function ofText(work: (text: string) => unknown): SprigFunction {
  return (args) => {
    expectCount(args, 1);
    return work(textArgument(args, 0));
  };
}

/** A function of two texts; the piped value comes last. */
function ofTexts(work: (first: string, last: string) => unknown): SprigFunction {
  return (args) => {
    expectCount(args, 2);
    return work(textArgument(args, 0), textArgument(args, 1));
  };
}

/** strings.ToUpper maps each character to one character: `ß` stays as it is. */
function upperCase(text: string): string {
  return text.replace(/./gsu, (character) => {
    const upper = character.toUpperCase();
    return [...upper].length === 1 ? upper : character;
  });
}

const isSpace = (character: string): boolean => /^[\s\u0085]$/.test(character);

function trimSet(text: string, cutset: string): string {
  const set = new Set(cutset);
  const characters = [...text];
  let from = 0;
  let to = characters.length;
  while (from < to && set.has(characters[from] ?? '')) from += 1;
  while (to > from && set.has(characters[to - 1] ?? '')) to -= 1;
  return characters.slice(from, to).join('');
}

const WORD_CHARACTER = /[\p{L}\p{N}_]/u;

/** strings.Title: a letter after anything but a letter, digit or underscore becomes title case. */
function title(text: string): string {
  let previous = ' ';
  let result = '';
  for (const character of text) {
    const isWord = WORD_CHARACTER.test(previous);
    const isStart = /[\x00-\x7f]/.test(previous) ? !isWord : !isWord && isSpace(previous);
    result += isStart ? character.toUpperCase() : character;
    previous = character;
  }
  return result;
}

function mapWords(text: string, first: (character: string) => string): string {
  let isStart = true;
  let result = '';
  for (const character of text) {
    result += !isSpace(character) && isStart ? first(character) : character;
    isStart = isSpace(character);
  }
  return result;
}

function initials(text: string): string {
  return (text.match(/(?:^|\s)\S/g) ?? []).map((match) => match.trim()).join('');
}

function swapCase(text: string): string {
  return [...text]
    .map((character) => {
      const lower = character.toLowerCase();
      return character === lower ? character.toUpperCase() : lower;
    })
    .join('');
}

/** goutils.AbbreviateFull: dots at the end, and at the start too when the offset hides something. */
function abbreviate(text: string, givenOffset: number, width: number): string {
  const length = byteLength(text);
  if (length <= width) return text;
  let offset = Math.min(givenOffset, length);
  if (length - offset < width - 3) offset = length - (width - 3);
  if (offset <= 4) return `${sliceBytes(text, 0, width - 3)}...`;
  if (offset + width - 3 < length) {
    return `...${abbreviate(sliceBytes(text, offset, length), 0, width - 3)}`;
  }
  return `...${sliceBytes(text, length - (width - 3), length)}`;
}

/** Breaks lines at blanks; a word longer than a line is cut, or runs on to its end. */
function wrapText(text: string, givenWidth: number, newline: string, cutLong: boolean): string {
  const width = Math.max(1, givenWidth);
  const lines: string[] = [];
  let offset = 0;
  while (text.length - offset > width) {
    if (text.charAt(offset) === ' ') {
      offset += 1;
      continue;
    }
    const space = text.slice(offset, offset + width + 1).lastIndexOf(' ');
    const isCut = space < 0 && cutLong;
    const end = isCut ? width : space >= 0 ? space : text.indexOf(' ', offset + width) - offset;
    if (end < 0) break;
    lines.push(text.slice(offset, offset + end));
    offset += end + (isCut ? 0 : 1);
  }
  return [...lines, text.slice(offset)].join(newline === '' ? '\n' : newline);
}

function truncate(text: string, count: number): string {
  const length = byteLength(text);
  if (count < 0 && length + count > 0) return sliceBytes(text, length + count, length);
  return count >= 0 && length > count ? sliceBytes(text, 0, count) : text;
}

function substring(start: number, end: number, text: string): string {
  if (start < 0) return sliceBytes(text, 0, end);
  return sliceBytes(text, start, end < 0 || end > byteLength(text) ? byteLength(text) : end);
}

function repeat(count: number, text: string): string {
  if (count < 0) throw new Error('strings: negative Repeat count');
  if (count * text.length > TEXT_UNITS_MAX) {
    throw new Error(`repeat would build more than ${TEXT_UNITS_MAX} characters`);
  }
  return text.repeat(count);
}

function indent(spaces: number, text: string): string {
  const pad = ' '.repeat(Math.max(0, Math.min(spaces, TEXT_UNITS_MAX)));
  const lines = text.split('\n');
  if (lines.length * pad.length > TEXT_UNITS_MAX) {
    throw new Error(`indent would build more than ${TEXT_UNITS_MAX} characters`);
  }
  return lines.map((line) => `${pad}${line}`).join('\n');
}

const present = (args: readonly unknown[]): readonly unknown[] =>
  args.filter((value) => value !== null && value !== undefined);

function splitMap(parts: readonly string[]): Record<string, string> {
  return Object.fromEntries(parts.map((part, index) => [`_${index}`, part]));
}

/** strings.SplitN. */
function splitLimited(text: string, separator: string, limit: number): readonly string[] {
  if (limit === 0) return [];
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit < 0 || parts.length <= limit) return parts;
  const head = parts.slice(0, limit - 1);
  return [...head, parts.slice(limit - 1).join(separator)];
}

const splitAll = (text: string, separator: string): readonly string[] =>
  splitLimited(text, separator, -1);

/** Functions whose arguments are texts and counts. */
export const stringFunctions: Readonly<Record<string, SprigFunction>> = {
  hello: () => 'Hello!',
  trim: ofText((text) => text.replace(/^[\s\u0085]+|[\s\u0085]+$/g, '')),
  upper: ofText(upperCase),
  lower: ofText((text) => text.toLowerCase()),
  title: ofText(title),
  untitle: ofText((text) => mapWords(text, (character) => character.toLowerCase())),
  nospace: ofText((text) => text.replace(/[\s\u0085]/g, '')),
  initials: ofText(initials),
  swapcase: ofText(swapCase),
  snakecase: ofText((text) => lowerCaseWords(text, '_')),
  kebabcase: ofText((text) => lowerCaseWords(text, '-')),
  camelcase: ofText(camelCase),
  trimAll: ofTexts((cutset, text) => trimSet(text, cutset)),
  trimall: ofTexts((cutset, text) => trimSet(text, cutset)),
  trimSuffix: ofTexts((suffix, text) =>
    suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
  ),
  trimPrefix: ofTexts((prefix, text) =>
    text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  contains: ofTexts((part, text) => text.includes(part)),
  hasPrefix: ofTexts((prefix, text) => text.startsWith(prefix)),
  hasSuffix: ofTexts((suffix, text) => text.endsWith(suffix)),
  split: ofTexts((separator, text) => splitMap(splitAll(text, separator))),
  splitList: ofTexts((separator, text) => splitAll(text, separator)),
  splitn: (args) => {
    expectCount(args, 3);
    const text = textArgument(args, 2);
    return splitMap(splitLimited(text, textArgument(args, 0), intArgument(args, 1)));
  },
  abbrev: (args) => {
    expectCount(args, 2);
    const width = intArgument(args, 0);
    const text = textArgument(args, 1);
    return width < 4 ? text : abbreviate(text, 0, width);
  },
  abbrevboth: (args) => {
    expectCount(args, 3);
    const [left, right] = [intArgument(args, 0), intArgument(args, 1)];
    const text = textArgument(args, 2);
    return right < 4 || (left > 0 && right < 7) ? text : abbreviate(text, left, right);
  },
  trunc: (args) => {
    expectCount(args, 2);
    return truncate(textArgument(args, 1), intArgument(args, 0));
  },
  substr: (args) => {
    expectCount(args, 3);
    return substring(intArgument(args, 0), intArgument(args, 1), textArgument(args, 2));
  },
  repeat: (args) => {
    expectCount(args, 2);
    return repeat(intArgument(args, 0), textArgument(args, 1));
  },
  wrap: (args) => {
    expectCount(args, 2);
    return wrapText(textArgument(args, 1), intArgument(args, 0), '', false);
  },
  wrapWith: (args) => {
    expectCount(args, 3);
    return wrapText(textArgument(args, 2), intArgument(args, 0), textArgument(args, 1), true);
  },
  quote: (args) =>
    present(args)
      .map((value) => goQuote(goValueText(value)))
      .join(' '),
  squote: (args) =>
    present(args)
      .map((value) => `'${goValueText(value)}'`)
      .join(' '),
  cat: (args) => present(args).map(goValueText).join(' '),
  indent: (args) => {
    expectCount(args, 2);
    return indent(intArgument(args, 0), textArgument(args, 1));
  },
  nindent: (args) => {
    expectCount(args, 2);
    return `\n${indent(intArgument(args, 0), textArgument(args, 1))}`;
  },
  replace: (args) => {
    expectCount(args, 3);
    return textArgument(args, 2).replaceAll(textArgument(args, 0), () => textArgument(args, 1));
  },
  plural: (args) => {
    expectCount(args, 3);
    return intArgument(args, 2) === 1 ? textArgument(args, 0) : textArgument(args, 1);
  },
  toString: (args: readonly unknown[]) => {
    expectCount(args, 1);
    return goValueText(args[0]);
  },
  toStrings: (args) => {
    expectCount(args, 1);
    return textsOf(args[0]);
  },
  join: (args) => {
    expectCount(args, 2);
    return textsOf(args[1]).join(textArgument(args, 0));
  },
};
