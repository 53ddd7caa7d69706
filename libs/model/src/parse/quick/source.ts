import { giveUp } from './bail.ts';
import type { ResolvePlain } from './plain-scalar.ts';

/** A text and how far it has been read; shared by the parts of the quick reader. */
export interface Source {
  readonly text: string;
  readonly resolve: ResolvePlain;
  /** Offset of the next character. */
  at: number;
  /** Start of the line that `at` is on. */
  lineStart: number;
  /** Lists and maps around the current place. */
  depth: number;
}

export const NEWLINE = 10;
export const SPACE = 32;
export const HASH = 35;
export const DASH = 45;
export const COLON = 58;

/** Offset of the end of the line that `at` is on. */
export function lineEnd(source: Source): number {
  const end = source.text.indexOf('\n', source.at);
  return end === -1 ? source.text.length : end;
}

/** Goes past blanks of the line. */
export function skipSpaces(source: Source): void {
  while (source.text.charCodeAt(source.at) === SPACE) source.at += 1;
}

/** True at the end of the line, and where a comment takes the rest of it. */
export function isLineDone(source: Source): boolean {
  const code = source.text.charCodeAt(source.at);
  if (Number.isNaN(code) || code === NEWLINE) return true;
  return code === HASH && isBlankBefore(source);
}

function isBlankBefore({ text, at }: Source): boolean {
  const before = text.charCodeAt(at - 1);
  return at === 0 || before === SPACE || before === NEWLINE;
}

/** After a value: only blanks and a comment may follow on its line. */
export function endLine(source: Source): void {
  skipSpaces(source);
  if (!isLineDone(source)) giveUp();
  toNextLine(source);
}

/** Goes to the start of the next line, or to the end of the text. */
export function toNextLine(source: Source): void {
  const end = source.text.indexOf('\n', source.at);
  source.at = end === -1 ? source.text.length : end + 1;
  source.lineStart = source.at;
}

/**
 * Goes past empty lines and comments to the first character of the next line that has something;
 * at the end of the document (a line `---`) or of the text it gives -1, else that line's indent.
 */
export function toContent(source: Source): number {
  const { text } = source;
  // Whoever looked at the line before may have gone past its indent.
  source.at = source.lineStart;
  while (source.at < text.length) {
    source.lineStart = source.at;
    skipSpaces(source);
    const code = text.charCodeAt(source.at);
    const isEmpty = Number.isNaN(code) || code === NEWLINE || code === HASH;
    if (!isEmpty) return isDocumentEnd(source) ? -1 : source.at - source.lineStart;
    toNextLine(source);
  }
  return -1;
}

function isDocumentEnd(source: Source): boolean {
  const { text, at, lineStart } = source;
  return at === lineStart && text.charCodeAt(at) === DASH && text.startsWith('---', at);
}
