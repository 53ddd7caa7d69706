import { failLang } from '../error.ts';
import type { JqToken } from './lexer.ts';
import type { JqNode } from './node.ts';
import { parsePattern } from './parse-pattern.ts';
import { parseJq, parsePipe, parseWithoutComma, POWERS } from './parser.ts';
import {
  accept,
  expect,
  expectVariable,
  isText,
  peek,
  unexpected,
  type Parser,
} from './parser-state.ts';

const literal = (value: unknown): JqNode => ({ kind: 'Literal', value });

/** What follows a term: fields, brackets and question marks. */
export function parsePostfix(parser: Parser, start: JqNode): JqNode {
  let node = start;
  for (;;) {
    const token = peek(parser);
    if (token.kind === 'field') {
      parser.at += 1;
      node = { kind: 'Field', owner: node, key: literal(token.text.slice(1)) };
    } else if (isText(parser, '.') && peek(parser, 1).kind === 'text') {
      parser.at += 1;
      node = { kind: 'Field', owner: node, key: parseText(parser) };
    } else if (isText(parser, '.') && isText(parser, '[', 1)) {
      parser.at += 1;
    } else if (accept(parser, '[')) node = parseBracket(parser, node);
    else if (accept(parser, '?'))
      node = node === start ? { kind: 'Try', body: node } : optional(node);
    else return node;
  }
}

/** After a step `?` is about that step alone; what comes before it may still fail. */
function optional(node: JqNode): JqNode {
  const isStep = node.kind === 'Field' || node.kind === 'Slice' || node.kind === 'Iterate';
  return isStep ? { ...node, isOptional: true } : { kind: 'Try', body: node };
}

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

/** What stands by itself. */
export function parseTerm(parser: Parser): JqNode {
  const token = peek(parser);
  switch (token.kind) {
    case 'number':
      parser.at += 1;
      return literal(Number(token.text));
    case 'text':
      return parseText(parser);
    case 'format':
      parser.at += 1;
      if (peek(parser).kind === 'text') return parseText(parser, token.text);
      return { kind: 'Format', name: token.text };
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

/** A text, whose parts in `\(…)` are filters. */
export function parseText(parser: Parser, format?: string): JqNode {
  const { parts } = peek(parser);
  parser.at += 1;
  if (parts.length === 1) return literal(parts[0]);
  const nodes = parts.map((part, index) => (index % 2 === 1 ? parseJq(part) : part));
  return { kind: 'Text', parts: nodes, ...(format === undefined ? {} : { format }) };
}

function parseMark(parser: Parser): JqNode {
  if (accept(parser, '..')) return { kind: 'RecurseDefault' };
  if (isText(parser, '.')) {
    if (peek(parser, 1).kind !== 'text' && !isText(parser, '[', 1)) parser.at += 1;
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
  if (accept(parser, ':')) return { key, value: parseMemberValue(parser) };
  return { key, value: { kind: 'Field', owner: { kind: 'Identity' }, key } };
}

/** Filters with pipes between them, but no comma outside of brackets. */
function parseMemberValue(parser: Parser): JqNode {
  const left = parseWithoutComma(parser);
  if (!accept(parser, '|')) return left;
  return { kind: 'Pipe', left, right: parseMemberValue(parser) };
}

function parseKey(parser: Parser, token: JqToken): JqNode {
  if (token.kind === 'text') return parseText(parser);
  if (token.kind === 'format') {
    parser.at += 1;
    return parseText(parser, token.text);
  }
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
  const special = Object.hasOwn(SPECIAL_FORMS, name) ? SPECIAL_FORMS[name] : undefined;
  if (RESERVED.has(name)) return unexpected(parser);
  parser.at += 1;
  if (Object.hasOwn(CONSTANTS, name)) return literal(CONSTANTS[name]);
  if (special !== undefined) return special(parser);
  return { kind: 'Call', name, args: parseArguments(parser) };
}

const RESERVED = new Set('then else elif end as catch def label __loc__'.split(' '));

const SPECIAL_FORMS: Readonly<Record<string, (parser: Parser) => JqNode>> = {
  if: parseIf,
  reduce: parseReduce,
  foreach: parseForeach,
  break: (parser) => ({ kind: 'Break', name: expectVariable(parser) }),
  try: (parser) => {
    const body = parsePostfix(parser, parseTerm(parser));
    if (!accept(parser, 'catch')) return { kind: 'Try', body };
    return { kind: 'Try', body, handler: parsePostfix(parser, parseTerm(parser)) };
  },
  import: noModules,
  include: noModules,
};

function noModules(parser: Parser): never {
  return failLang('Syntax', 'there are no modules here', peek(parser).offset);
}

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
  const { source, pattern, start, update } = parseFold(parser);
  expect(parser, ')');
  return { kind: 'Reduce', source, pattern, start, update };
}

function parseForeach(parser: Parser): JqNode {
  const fold = parseFold(parser);
  const extract = accept(parser, ';') ? { extract: parsePipe(parser) } : {};
  expect(parser, ')');
  return { kind: 'Foreach', ...fold, ...extract };
}

/** `SOURCE as PATTERN (START; UPDATE`, which `reduce` and `foreach` have in common. */
function parseFold(
  parser: Parser,
): Pick<Extract<JqNode, { readonly kind: 'Reduce' }>, 'source' | 'pattern' | 'start' | 'update'> {
  const source = parsePostfix(parser, parseTerm(parser));
  expect(parser, 'as');
  const pattern = parsePattern(parser);
  expect(parser, '(');
  const start = parsePipe(parser);
  expect(parser, ';');
  const update = parsePipe(parser);
  return { source, pattern, start, update };
}

function parseArguments(parser: Parser): readonly JqNode[] {
  if (!accept(parser, '(')) return [];
  const args = [parsePipe(parser)];
  while (accept(parser, ';')) args.push(parsePipe(parser));
  expect(parser, ')');
  return args;
}
