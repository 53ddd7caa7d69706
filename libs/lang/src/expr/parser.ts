import { failLang } from '../error.ts';
import { lexExpr } from './lexer.ts';
import type { ExprNode } from './node.ts';
import {
  BINARY_OPERATORS,
  CHAINING_COMPARISONS,
  NEGATABLE_OPERATORS,
  UNARY_OPERATORS,
  type OperatorRank,
} from './operators.ts';
import { parseCall } from './parse-call.ts';
import { parsePostfix, parseSecondary } from './parse-primary.ts';
import { tokenCursor, type TokenCursor } from './token-cursor.ts';
import type { ExprToken } from './token.ts';

/** What the parts of the parser share: the tokens, and how many predicates enclose this place. */
export interface ParseContext {
  readonly cursor: TokenCursor;
  predicateDepth: number;
  readonly expression: (precedence: number) => ExprNode;
  readonly sequence: () => ExprNode;
}

/** Parses a whole expression into its tree. Throws LangFailure. */
export function parseExpr(source: string): ExprNode {
  const context: ParseContext = {
    cursor: tokenCursor(lexExpr(source)),
    predicateDepth: 0,
    expression: (precedence) => context.cursor.nested(() => parseExpression(context, precedence)),
    sequence: () => parseSequence(context),
  };
  const node = context.sequence();
  if (!context.cursor.is('EOF')) context.cursor.unexpected();
  return node;
}

function parseSequence(context: ParseContext): ExprNode {
  const { cursor } = context;
  const first = context.expression(0);
  const nodes = [first];
  while (cursor.is('Operator', ';')) {
    cursor.advance();
    if (cursor.is('EOF')) break;
    nodes.push(context.expression(0));
  }
  return nodes.length === 1 ? first : { kind: 'Sequence', nodes };
}

function parseExpression(context: ParseContext, precedence: number): ExprNode {
  const { cursor } = context;
  if (precedence === 0 && cursor.is('Operator', 'let')) return parseLet(context);
  if (precedence === 0 && cursor.is('Operator', 'if')) return parseIf(context);
  let node = parsePrimary(context);
  let previous = '';
  for (;;) {
    const step = binaryStep(context, { node, precedence, previous });
    if (step === undefined) break;
    node = step.node;
    previous = step.operator;
  }
  return precedence === 0 ? parseTernary(context, node) : node;
}

interface BinaryPosition {
  readonly node: ExprNode;
  readonly precedence: number;
  readonly previous: string;
}

/** An operator that is read next: its token and rank, and whether `not` stands before it. */
interface OperatorAhead {
  readonly token: ExprToken;
  readonly rank: OperatorRank;
  readonly negated: boolean;
}

/** Reads one operator and its right side, or nothing when what follows binds too loosely. */
function binaryStep(
  context: ParseContext,
  position: BinaryPosition,
): { readonly node: ExprNode; readonly operator: string } | undefined {
  const { cursor } = context;
  const ahead = operatorAhead(cursor, position.precedence);
  if (ahead === undefined) return undefined;
  const { token, rank, negated } = ahead;
  if (negated) cursor.advance();
  cursor.advance();
  cursor.countNode();
  const { text: operator, offset } = token;
  if (operator === '|') {
    const name = cursor.expect('Identifier');
    return { node: parseCall(context, name, [position.node]), operator };
  }
  if (position.previous === '??' && operator !== '??') {
    const sentence = `Operator (${operator}) and coalesce expressions (??) cannot be mixed.`;
    return failLang('Syntax', `${sentence} Wrap either by parentheses.`, offset);
  }
  if (CHAINING_COMPARISONS.has(operator)) {
    return { node: parseComparison(context, position.node, rank.precedence, token), operator };
  }
  const right = context.expression(rank.precedence + (rank.rightAssociative ? 0 : 1));
  const node: ExprNode = { kind: 'Binary', operator, left: position.node, right, offset };
  if (!negated) return { node, operator };
  return { node: { kind: 'Unary', operator: 'not', operand: node, offset }, operator };
}

function operatorAhead(cursor: TokenCursor, precedence: number): OperatorAhead | undefined {
  if (!cursor.is('Operator')) return undefined;
  const negated = cursor.is('Operator', 'not');
  const token = negated ? cursor.peek() : cursor.current();
  if (negated && !NEGATABLE_OPERATORS.has(token.text)) {
    cursor.advance();
    return cursor.unexpected();
  }
  const rank = BINARY_OPERATORS.get(token.text);
  if (rank === undefined || rank.precedence < precedence) return undefined;
  return { token, rank, negated };
}

/** `a < b < c` means `a < b && b < c`. */
function parseComparison(
  context: ParseContext,
  first: ExprNode,
  precedence: number,
  firstToken: { readonly text: string; readonly offset: number },
): ExprNode {
  const { cursor } = context;
  let left = first;
  let token = firstToken;
  let root: ExprNode | undefined;
  for (;;) {
    const right = context.expression(precedence + 1);
    const { offset } = token;
    const comparison: ExprNode = { kind: 'Binary', operator: token.text, left, right, offset };
    root =
      root === undefined
        ? comparison
        : { kind: 'Binary', operator: '&&', left: root, right: comparison, offset };
    left = right;
    token = cursor.current();
    if (!cursor.is('Operator') || !CHAINING_COMPARISONS.has(token.text)) return root;
    cursor.advance();
    cursor.countNode();
  }
}

function parseTernary(context: ParseContext, condition: ExprNode): ExprNode {
  const { cursor } = context;
  let node = condition;
  while (cursor.is('Operator', '?')) {
    const { offset } = cursor.advance();
    cursor.countNode();
    let whenTrue = node;
    if (!cursor.is('Operator', ':')) whenTrue = context.expression(0);
    cursor.expect('Operator', ':');
    const whenFalse = context.expression(0);
    node = { kind: 'Conditional', condition: node, whenTrue, whenFalse, offset };
  }
  return node;
}

function parseLet(context: ParseContext): ExprNode {
  const { cursor } = context;
  cursor.advance();
  const name = cursor.expect('Identifier');
  cursor.expect('Operator', '=');
  const value = context.expression(0);
  cursor.expect('Operator', ';');
  const body = context.sequence();
  return { kind: 'Let', name: name.text, value, body, offset: name.offset };
}

function parseIf(context: ParseContext): ExprNode {
  const { cursor } = context;
  const { offset } = cursor.expect('Operator', 'if');
  cursor.countNode();
  const condition = context.expression(0);
  const whenTrue = parseBlock(context);
  cursor.expect('Operator', 'else');
  const whenFalse = cursor.is('Operator', 'if')
    ? cursor.nested(() => parseIf(context))
    : parseBlock(context);
  return { kind: 'Conditional', condition, whenTrue, whenFalse, offset };
}

function parseBlock(context: ParseContext): ExprNode {
  context.cursor.expect('Bracket', '{');
  const node = context.sequence();
  context.cursor.expect('Bracket', '}');
  return node;
}

function parsePrimary(context: ParseContext): ExprNode {
  const { cursor } = context;
  const token = cursor.current();
  cursor.countNode();
  const unary = token.kind === 'Operator' ? UNARY_OPERATORS.get(token.text) : undefined;
  if (unary !== undefined) {
    cursor.advance();
    const operand = context.expression(unary);
    const { offset } = token;
    return parsePostfix(context, { kind: 'Unary', operator: token.text, operand, offset });
  }
  if (cursor.is('Bracket', '(')) {
    cursor.advance();
    const node = context.sequence();
    cursor.expect('Bracket', ')');
    return parsePostfix(context, node);
  }
  if (cursor.is('Operator', '::')) {
    cursor.advance();
    return parsePostfix(context, parseCall(context, cursor.expect('Identifier'), []));
  }
  return context.predicateDepth > 0 ? parsePointer(context) : parseSecondary(context);
}

/** Inside a predicate `#` is the item, `#name` a named one, and `.field` a member of the item. */
function parsePointer(context: ParseContext): ExprNode {
  const { cursor } = context;
  const { offset } = cursor.current();
  if (cursor.is('Operator', '.')) {
    return parsePostfix(context, { kind: 'Pointer', name: '', offset });
  }
  if (!cursor.is('Operator', '#')) return parseSecondary(context);
  cursor.advance();
  const name = cursor.is('Identifier') ? cursor.advance().text : '';
  return parsePostfix(context, { kind: 'Pointer', name, offset });
}
