import { failLang } from '../error.ts';
import { lexJq } from './lexer.ts';
import type { JqNode } from './node.ts';
import { parsePatterns } from './parse-pattern.ts';
import { parsePostfix, parseTerm } from './parse-term.ts';
import {
  accept,
  expect,
  expectName,
  expectVariable,
  isText,
  peek,
  unexpected,
  type Parser,
} from './parser-state.ts';

/** Deepest nesting of filters. */
const DEPTH_MAX = 200;

/** Binding powers, loosest first; `n` binds to neither side twice. */
export const POWERS: Readonly<Record<string, number>> = {
  '|': 1,
  ',': 2,
  '//': 3,
  '=': 4,
  '|=': 4,
  '+=': 4,
  '-=': 4,
  '*=': 4,
  '/=': 4,
  '%=': 4,
  '//=': 4,
  or: 5,
  and: 6,
  '==': 7,
  '!=': 7,
  '<': 7,
  '<=': 7,
  '>': 7,
  '>=': 7,
  '+': 8,
  '-': 8,
  '*': 9,
  '/': 9,
  '%': 9,
};
const RIGHT_BINDING = new Set(['|', '//']);
const UNARY_POWER = 8;

/** Parses a jq filter. Throws LangFailure. */
export function parseJq(source: string): JqNode {
  const parser: Parser = { tokens: lexJq(source), at: 0, depth: 0 };
  if (peek(parser).kind === 'end') return { kind: 'Identity' };
  const node = parsePipe(parser);
  if (peek(parser).kind !== 'end') unexpected(parser);
  return node;
}

/** A whole filter, up to what cannot belong to it. */
export function parsePipe(parser: Parser): JqNode {
  return parseBinary(parser, 0);
}

/** A value of an object: a filter without a comma outside of brackets. */
export function parseWithoutComma(parser: Parser): JqNode {
  return parseBinary(parser, POWERS[','] ?? 0);
}

function parseBinary(parser: Parser, power: number): JqNode {
  parser.depth += 1;
  if (parser.depth > DEPTH_MAX) failLang('Limit', 'the filter is nested too deeply');
  let left = parseUnary(parser);
  for (;;) {
    const token = peek(parser);
    const own = token.kind === 'mark' || token.kind === 'name' ? POWERS[token.text] : undefined;
    if (own === undefined || own <= power) break;
    parser.at += 1;
    const right = parseBinary(parser, RIGHT_BINDING.has(token.text) ? own - 1 : own);
    left = joined(token.text, left, right);
  }
  parser.depth -= 1;
  return left;
}

function joined(operator: string, left: JqNode, right: JqNode): JqNode {
  if (operator === '|') return { kind: 'Pipe', left, right };
  if (operator === ',') return { kind: 'Comma', left, right };
  const isAssignment = operator.endsWith('=') && !/^([<>!=]=)$/.test(operator);
  return { kind: isAssignment ? 'Assign' : 'Binary', operator, left, right };
}

function parseUnary(parser: Parser): JqNode {
  if (isText(parser, 'def')) return parseDefine(parser);
  if (accept(parser, 'label')) {
    const name = expectVariable(parser);
    expect(parser, '|');
    return { kind: 'Label', name, body: parsePipe(parser) };
  }
  if (accept(parser, '-')) return { kind: 'Negate', body: parseBinary(parser, UNARY_POWER) };
  const term = parsePostfix(parser, parseTerm(parser));
  if (!accept(parser, 'as')) return term;
  const patterns = parsePatterns(parser);
  expect(parser, '|');
  return { kind: 'Bind', source: term, patterns, body: parsePipe(parser) };
}

/** `def name(f; $x): body;` and the filter in which it is known. */
function parseDefine(parser: Parser): JqNode {
  expect(parser, 'def');
  const name = expectName(parser);
  const parameters: string[] = [];
  if (accept(parser, '(')) {
    do {
      const isValue = peek(parser).kind === 'variable';
      parameters.push(isValue ? `$${expectVariable(parser)}` : expectName(parser));
    } while (accept(parser, ';'));
    expect(parser, ')');
  }
  expect(parser, ':');
  const definition = { key: `${name}/${parameters.length}`, parameters, body: parsePipe(parser) };
  expect(parser, ';');
  return { kind: 'Define', definition, body: parsePipe(parser) };
}
