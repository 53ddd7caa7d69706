import { failLang } from '../error.ts';
import type { ExprNode } from './node.ts';
import { parseNumber } from './number.ts';
import { parseArguments, parseCall } from './parse-call.ts';
import type { ParseContext } from './parser.ts';
import { isWordOperator } from './token.ts';

/** Parses a literal, a name, a call, a list or a map, with what is attached behind it. */
export function parseSecondary(context: ParseContext): ExprNode {
  const { cursor } = context;
  const token = cursor.current();
  if (token.kind === 'Identifier') return parseWord(context);
  if (token.kind === 'Number') {
    cursor.advance();
    // A number takes no postfix: `1.foo` and `1[0]` are errors.
    return { kind: 'Literal', value: parseNumber(token.text, token.offset) };
  }
  if (token.kind === 'String') {
    cursor.advance();
    return parsePostfix(context, { kind: 'Literal', value: token.text });
  }
  if (token.kind === 'Bytes') {
    cursor.advance();
    const bytes = Uint8Array.from(token.text, (char) => char.charCodeAt(0));
    return parsePostfix(context, { kind: 'Literal', value: bytes });
  }
  if (cursor.is('Bracket', '[')) return parsePostfix(context, parseArray(context));
  if (cursor.is('Bracket', '{')) return parsePostfix(context, parseMap(context));
  return cursor.unexpected();
}

const NAMED_LITERALS: ReadonlyMap<string, null | boolean> = new Map<string, null | boolean>([
  ['true', true],
  ['false', false],
  ['nil', null],
]);

function parseWord(context: ParseContext): ExprNode {
  const { cursor } = context;
  const token = cursor.advance();
  const literal = NAMED_LITERALS.get(token.text);
  if (literal !== undefined) return { kind: 'Literal', value: literal };
  if (cursor.is('Bracket', '(')) return parsePostfix(context, parseCall(context, token, []));
  return parsePostfix(context, { kind: 'Identifier', name: token.text, offset: token.offset });
}

function parseArray(context: ParseContext): ExprNode {
  const { cursor } = context;
  const { offset } = cursor.advance();
  const items: ExprNode[] = [];
  while (!cursor.is('Bracket', ']')) {
    if (items.length > 0) cursor.expect('Operator', ',');
    if (cursor.is('Bracket', ']') && items.length > 0) break;
    items.push(context.expression(0));
  }
  cursor.advance();
  return { kind: 'Array', items, offset };
}

function parseMap(context: ParseContext): ExprNode {
  const { cursor } = context;
  const { offset } = cursor.advance();
  const pairs: { key: ExprNode; value: ExprNode }[] = [];
  while (!cursor.is('Bracket', '}')) {
    if (pairs.length > 0) cursor.expect('Operator', ',');
    if (cursor.is('Bracket', '}') && pairs.length > 0) break;
    const key = parseMapKey(context);
    cursor.expect('Operator', ':');
    pairs.push({ key, value: context.expression(0) });
  }
  cursor.advance();
  return { kind: 'Map', pairs, offset };
}

function parseMapKey(context: ParseContext): ExprNode {
  const { cursor } = context;
  if (cursor.is('Number') || cursor.is('String') || cursor.is('Identifier')) {
    return { kind: 'Literal', value: cursor.advance().text };
  }
  if (cursor.is('Bracket', '(')) return context.expression(0);
  const kinds = 'a quoted string, a number, a identifier, or an expression enclosed in parentheses';
  const { kind, text, offset } = cursor.current();
  const found = kind === 'EOF' ? 'EOF' : `${kind}(${JSON.stringify(text)})`;
  return failLang('Syntax', `a map key must be ${kinds} (unexpected token ${found})`, offset);
}

/** Parses `.name`, `?.name`, `[index]`, `[from:to]` and method calls behind a value. */
export function parsePostfix(context: ParseContext, start: ExprNode): ExprNode {
  const { cursor } = context;
  let node = start;
  for (;;) {
    if (cursor.is('Operator', '.')) node = parseDot(context, node, false);
    else if (cursor.is('Operator', '?.')) {
      node =
        cursor.peek().kind === 'Bracket' && cursor.peek().text === '['
          ? parseOptionalIndex(context, node)
          : parseDot(context, node, true);
    } else if (cursor.is('Bracket', '[')) node = parseIndex(context, node, false);
    else return node;
    cursor.countNode();
  }
}

function parseOptionalIndex(context: ParseContext, target: ExprNode): ExprNode {
  context.cursor.advance();
  return parseIndex(context, target, true);
}

function parseDot(context: ParseContext, before: ExprNode, optional: boolean): ExprNode {
  const { cursor } = context;
  cursor.advance();
  const name = cursor.advance();
  const named =
    name.kind === 'Identifier' || (name.kind === 'Operator' && isWordOperator(name.text));
  if (!named) return failLang('Syntax', 'expected name', name.offset);
  const { offset } = name;
  // A chain grows: `a?.b.c` is one chain, so that a missing `a` skips `.c` as well.
  const chained = before.kind === 'Chain';
  const target = chained ? before.node : before;
  const property: ExprNode = { kind: 'Literal', value: name.text };
  let node: ExprNode = { kind: 'Member', target, property, optional, offset };
  if (cursor.is('Bracket', '(')) {
    node = { kind: 'Call', callee: node, args: parseArguments(context), offset };
  }
  return chained || optional ? { kind: 'Chain', node } : node;
}

function parseIndex(context: ParseContext, target: ExprNode, optional: boolean): ExprNode {
  const { cursor } = context;
  const { offset } = cursor.advance();
  const from = cursor.is('Operator', ':') ? undefined : context.expression(0);
  if (from !== undefined && !cursor.is('Operator', ':')) {
    cursor.expect('Bracket', ']');
    const node: ExprNode = { kind: 'Member', target, property: from, optional, offset };
    return optional ? { kind: 'Chain', node } : node;
  }
  cursor.advance();
  const to = cursor.is('Bracket', ']') ? undefined : context.expression(0);
  cursor.expect('Bracket', ']');
  return { kind: 'Slice', target, from, to, offset };
}
