import { failLang } from '../error.ts';
import { BUILTIN_NAMES } from './builtin-names.ts';
import type { ExprNode } from './node.ts';
import { PREDICATE_BUILTINS } from './operators.ts';
import type { ParseContext } from './parser.ts';
import type { ExprToken } from './token.ts';

/**
 * Parses the argument list of a call whose name has been read. `piped` holds the left side of a pipe,
 * which becomes the first argument.
 */
export function parseCall(
  context: ParseContext,
  name: ExprToken,
  piped: readonly ExprNode[],
): ExprNode {
  const { offset } = name;
  if (PREDICATE_BUILTINS.has(name.text)) {
    const args = parsePredicateArguments(context, name, piped);
    return { kind: 'Builtin', name: name.text, args, offset };
  }
  const args = [...piped, ...parseArguments(context)];
  if (BUILTIN_NAMES.has(name.text)) return { kind: 'Builtin', name: name.text, args, offset };
  const callee: ExprNode = { kind: 'Identifier', name: name.text, offset };
  return { kind: 'Call', callee, args, offset };
}

/** Parses `(a, b, c)`; a comma before the closing bracket is allowed. */
export function parseArguments(context: ParseContext): ExprNode[] {
  const { cursor } = context;
  const args: ExprNode[] = [];
  cursor.expect('Bracket', '(');
  while (!cursor.is('Bracket', ')')) {
    if (args.length > 0) cursor.expect('Operator', ',');
    if (cursor.is('Bracket', ')')) break;
    args.push(context.expression(0));
  }
  cursor.advance();
  return args;
}

function parsePredicateArguments(
  context: ParseContext,
  name: ExprToken,
  piped: readonly ExprNode[],
): ExprNode[] {
  const { cursor } = context;
  const arity = PREDICATE_BUILTINS.get(name.text) ?? { min: 2, max: 2 };
  const args: ExprNode[] = [...piped];
  cursor.expect('Bracket', '(');
  for (let index = args.length; index < arity.max; index += 1) {
    if (cursor.is('Bracket', ')')) {
      if (index >= arity.min) break;
      const missing = `expected at least ${arity.min - piped.length} arguments`;
      return failLang('Syntax', missing, cursor.current().offset);
    }
    if (index > piped.length) cursor.expect('Operator', ',');
    // `sum(list,)`: a trailing comma may stand where an optional argument could.
    if (index >= arity.min && cursor.is('Bracket', ')')) break;
    args.push(index === 1 ? parsePredicate(context) : context.expression(0));
  }
  if (cursor.is('Operator', ',')) cursor.advance();
  cursor.expect('Bracket', ')');
  return args;
}

function parsePredicate(context: ParseContext): ExprNode {
  const { cursor } = context;
  const braced = cursor.is('Bracket', '{');
  if (braced) cursor.advance();
  context.predicateDepth += 1;
  const body = braced ? context.sequence() : context.expression(0);
  context.predicateDepth -= 1;
  if (braced) cursor.expect('Bracket', '}');
  else if (cursor.is('Operator', ';')) {
    failLang('Syntax', 'wrap predicate with brackets { and }', cursor.current().offset);
  }
  return { kind: 'Predicate', body };
}
