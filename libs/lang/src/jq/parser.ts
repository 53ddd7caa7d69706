import { failLang } from '../error.ts';
import { lexJq, type JqToken } from './lexer.ts';
import type { JqNode } from './node.ts';

/** Deepest nesting of filters. */
const DEPTH_MAX = 200;

/** Binding powers, loosest first; `n` binds to neither side twice. */
const POWERS: Readonly<Record<string, number>> = {
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
const WITHOUT_COMMA = POWERS[','] ?? 0;
const UNARY_POWER = 8;

interface Parser {
  readonly tokens: readonly JqToken[];
  at: number;
  depth: number;
}

/** Parses a jq filter. Throws LangFailure. */
export function parseJq(source: string): JqNode {
  const parser: Parser = { tokens: lexJq(source), at: 0, depth: 0 };
  if (peek(parser).kind === 'end') return { kind: 'Identity' };
  const node = parsePipe(parser);
  if (peek(parser).kind !== 'end') unexpected(parser);
  return node;
}

function peek(parser: Parser): JqToken {
  const token = parser.tokens[Math.min(parser.at, parser.tokens.length - 1)];
  if (token === undefined) throw new Error('the token list ends in an end token');
  return token;
}

function unexpected(parser: Parser): never {
  const { text, offset } = peek(parser);
  return failLang('Syntax', `unexpected token ${JSON.stringify(text)}`, offset);
}

function isText(parser: Parser, text: string): boolean {
  const token = peek(parser);
  return token.text === text && (token.kind === 'mark' || token.kind === 'name');
}

function accept(parser: Parser, text: string): boolean {
  if (!isText(parser, text)) return false;
  parser.at += 1;
  return true;
}

function expect(parser: Parser, text: string): void {
  if (!accept(parser, text)) unexpected(parser);
}

const parsePipe = (parser: Parser): JqNode => parseBinary(parser, 0);

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
  if (accept(parser, '-')) return { kind: 'Negate', body: parseBinary(parser, UNARY_POWER) };
  const term = parsePostfix(parser, parseTerm(parser));
  if (!accept(parser, 'as')) return term;
  const name = expectVariable(parser);
  expect(parser, '|');
  return { kind: 'Bind', source: term, name, body: parsePipe(parser) };
}

function expectVariable(parser: Parser): string {
  const token = peek(parser);
  if (token.kind !== 'variable') unexpected(parser);
  parser.at += 1;
  return token.text.slice(1);
}

function parsePostfix(parser: Parser, start: JqNode): JqNode {
  let node = start;
  for (;;) {
    const token = peek(parser);
    if (token.kind === 'field') {
      parser.at += 1;
      node = { kind: 'Field', owner: node, key: literal(token.text.slice(1)) };
    } else if (isText(parser, '.') && parser.tokens[parser.at + 1]?.kind === 'text') {
      parser.at += 1;
      node = { kind: 'Field', owner: node, key: parseText(parser) };
    } else if (isText(parser, '.') && parser.tokens[parser.at + 1]?.text === '[') {
      parser.at += 1;
    } else if (accept(parser, '[')) node = parseBracket(parser, node);
    else if (accept(parser, '?')) node = { kind: 'Try', body: node };
    else return node;
  }
}

const literal = (value: unknown): JqNode => ({ kind: 'Literal', value });

function parseBracket(parser: Parser, owner: JqNode): JqNode {
  if (accept(parser, ']')) return { kind: 'Iterate', owner };
  if (accept(parser, ':')) {
    const to = parsePipe(parser);
    expect(parser, ']');
    return { kind: 'Slice', owner, to };
  }
  const key = parsePipe(parser);
  if (!accept(parser, ':')) {
    expect(parser, ']');
    return { kind: 'Field', owner, key };
  }
  if (accept(parser, ']')) return { kind: 'Slice', owner, from: key };
  const to = parsePipe(parser);
  expect(parser, ']');
  return { kind: 'Slice', owner, from: key, to };
}

function parseTerm(parser: Parser): JqNode {
  const token = peek(parser);
  switch (token.kind) {
    case 'number':
      parser.at += 1;
      return literal(Number(token.text));
    case 'text':
      return parseText(parser);
    case 'field':
      return { kind: 'Identity' };
    case 'variable':
      return { kind: 'Variable', name: expectVariable(parser) };
    case 'name':
      return parseName(parser, token.text);
    default:
      return parseMark(parser);
  }
}

function parseText(parser: Parser): JqNode {
  const { parts } = peek(parser);
  parser.at += 1;
  if (parts.length === 1) return literal(parts[0]);
  const nodes = parts.map((part, index) => (index % 2 === 1 ? parseJq(part) : part));
  return { kind: 'Text', parts: nodes };
}

function parseMark(parser: Parser): JqNode {
  if (accept(parser, '..')) return { kind: 'RecurseDefault' };
  if (isText(parser, '.')) {
    const next = parser.tokens[parser.at + 1];
    if (next?.kind !== 'text' && next?.text !== '[') parser.at += 1;
    return { kind: 'Identity' };
  }
  if (accept(parser, '(')) {
    const node = parsePipe(parser);
    expect(parser, ')');
    return node;
  }
  if (accept(parser, '[')) {
    if (accept(parser, ']')) return { kind: 'Array' };
    const body = parsePipe(parser);
    expect(parser, ']');
    return { kind: 'Array', body };
  }
  if (accept(parser, '{')) return parseObject(parser);
  return unexpected(parser);
}

function parseObject(parser: Parser): JqNode {
  const members: { key: JqNode; value: JqNode }[] = [];
  while (!accept(parser, '}')) {
    members.push(parseMember(parser));
    if (!accept(parser, ',') && !isText(parser, '}')) unexpected(parser);
  }
  return { kind: 'Object', members };
}

function parseMember(parser: Parser): { readonly key: JqNode; readonly value: JqNode } {
  const token = peek(parser);
  if (token.kind === 'variable') {
    const name = expectVariable(parser);
    return { key: literal(name), value: { kind: 'Variable', name } };
  }
  const key = parseKey(parser, token);
  if (accept(parser, ':')) return { key, value: parseBinary(parser, WITHOUT_COMMA) };
  return { key, value: { kind: 'Field', owner: { kind: 'Identity' }, key } };
}

function parseKey(parser: Parser, token: JqToken): JqNode {
  if (token.kind === 'text') return parseText(parser);
  if (token.kind === 'name') {
    parser.at += 1;
    return literal(token.text);
  }
  expect(parser, '(');
  const key = parsePipe(parser);
  expect(parser, ')');
  return key;
}

const CONSTANTS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };

function parseName(parser: Parser, name: string): JqNode {
  if (Object.hasOwn(POWERS, name)) return unexpected(parser);
  parser.at += 1;
  if (Object.hasOwn(CONSTANTS, name)) return literal(CONSTANTS[name]);
  const special = Object.hasOwn(SPECIAL_FORMS, name) ? SPECIAL_FORMS[name] : undefined;
  if (special !== undefined) return special(parser);
  if (RESERVED.has(name)) {
    return failLang('Syntax', `"${name}" is not supported here`, peek(parser).offset);
  }
  return { kind: 'Call', name, args: parseArguments(parser) };
}

const RESERVED = new Set('then else elif end as catch def foreach label import include'.split(' '));

const SPECIAL_FORMS: Readonly<Record<string, (parser: Parser) => JqNode>> = {
  if: parseIf,
  reduce: parseReduce,
  try: (parser) => {
    const body = parsePostfix(parser, parseTerm(parser));
    if (!accept(parser, 'catch')) return { kind: 'Try', body };
    return { kind: 'Try', body, handler: parsePostfix(parser, parseTerm(parser)) };
  },
};

function parseIf(parser: Parser): JqNode {
  const condition = parsePipe(parser);
  expect(parser, 'then');
  const then = parsePipe(parser);
  if (accept(parser, 'elif')) {
    return { kind: 'If', condition, then, otherwise: parseIf(parser) };
  }
  const otherwise: JqNode = accept(parser, 'else') ? parsePipe(parser) : { kind: 'Identity' };
  expect(parser, 'end');
  return { kind: 'If', condition, then, otherwise };
}

function parseReduce(parser: Parser): JqNode {
  const source = parsePostfix(parser, parseTerm(parser));
  expect(parser, 'as');
  const name = expectVariable(parser);
  expect(parser, '(');
  const start = parsePipe(parser);
  expect(parser, ';');
  const update = parsePipe(parser);
  expect(parser, ')');
  return { kind: 'Reduce', source, name, start, update };
}

function parseArguments(parser: Parser): readonly JqNode[] {
  if (!accept(parser, '(')) return [];
  const args = [parsePipe(parser)];
  while (accept(parser, ';')) args.push(parsePipe(parser));
  expect(parser, ')');
  return args;
}
