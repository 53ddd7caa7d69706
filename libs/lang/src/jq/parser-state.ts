import { failLang } from '../error.ts';
import type { JqToken } from './lexer.ts';

/** Where a parser is in its tokens. */
export interface Parser {
  readonly tokens: readonly JqToken[];
  at: number;
  depth: number;
}

export function peek(parser: Parser, ahead = 0): JqToken {
  const token = parser.tokens[Math.min(parser.at + ahead, parser.tokens.length - 1)];
  if (token === undefined) throw new Error('the token list ends in an end token');
  return token;
}

/** Throws LangFailure that names the token. */
export function unexpected(parser: Parser): never {
  const { text, offset } = peek(parser);
  return failLang('Syntax', `unexpected token ${JSON.stringify(text)}`, offset);
}

export function isText(parser: Parser, text: string, ahead = 0): boolean {
  const token = peek(parser, ahead);
  return token.text === text && (token.kind === 'mark' || token.kind === 'name');
}

/** Takes the token if it is this one. */
export function accept(parser: Parser, text: string): boolean {
  if (!isText(parser, text)) return false;
  parser.at += 1;
  return true;
}

export function expect(parser: Parser, text: string): void {
  if (!accept(parser, text)) unexpected(parser);
}

/** The name of a variable, without `$`. */
export function expectVariable(parser: Parser): string {
  const token = peek(parser);
  if (token.kind !== 'variable') unexpected(parser);
  parser.at += 1;
  return token.text.slice(1);
}

/** A name, such as that of a function. */
export function expectName(parser: Parser): string {
  const token = peek(parser);
  if (token.kind !== 'name') unexpected(parser);
  parser.at += 1;
  return token.text;
}
