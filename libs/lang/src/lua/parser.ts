import { failLang } from '../error.ts';
import { lexLua, type LuaToken } from './lexer.ts';
import type { Block, Expression, FunctionBody, Statement, TableField } from './node.ts';

/** Deepest nesting of blocks and expressions. */
export const LUA_DEPTH_MAX = 190;

/** Left and right binding power of each binary operator; `..` and `^` bind to the right. */
const POWERS: Readonly<Record<string, readonly [number, number]>> = {
  or: [1, 1],
  and: [2, 2],
  '<': [3, 3],
  '>': [3, 3],
  '<=': [3, 3],
  '>=': [3, 3],
  '~=': [3, 3],
  '==': [3, 3],
  '..': [5, 4],
  '+': [6, 6],
  '-': [6, 6],
  '*': [7, 7],
  '/': [7, 7],
  '%': [7, 7],
  '^': [10, 9],
};
const UNARY_POWER = 8;

interface Parser {
  readonly tokens: readonly LuaToken[];
  at: number;
  depth: number;
}

/** Parses a script into its main block. Throws LangFailure with the line. */
export function parseLua(source: string): Block {
  const parser: Parser = { tokens: lexLua(source), at: 0, depth: 0 };
  const block = parseBlock(parser);
  const token = peek(parser);
  if (token.kind !== 'end') fail(parser, `'<eof>' expected near '${token.text}'`);
  return block;
}

function peek(parser: Parser): LuaToken {
  const token = parser.tokens[Math.min(parser.at, parser.tokens.length - 1)];
  if (token === undefined) throw new Error('the token list ends in an end token');
  return token;
}

function fail(parser: Parser, sentence: string): never {
  return failLang('Syntax', `line ${peek(parser).line}: ${sentence}`);
}

function isWord(parser: Parser, text: string): boolean {
  const token = peek(parser);
  return token.text === text && (token.kind === 'keyword' || token.kind === 'mark');
}

function accept(parser: Parser, text: string): boolean {
  if (!isWord(parser, text)) return false;
  parser.at += 1;
  return true;
}

function expect(parser: Parser, text: string): void {
  if (!accept(parser, text)) fail(parser, `'${text}' expected near '${peek(parser).text}'`);
}

function expectName(parser: Parser): string {
  const token = peek(parser);
  if (token.kind !== 'name') return fail(parser, `<name> expected near '${token.text}'`);
  parser.at += 1;
  return token.text;
}

function deeper<T>(parser: Parser, parse: () => T): T {
  parser.depth += 1;
  if (parser.depth > LUA_DEPTH_MAX) failLang('Limit', 'the script is nested too deeply');
  const result = parse();
  parser.depth -= 1;
  return result;
}

const BLOCK_ENDS = ['end', 'else', 'elseif', 'until'];

function parseBlock(parser: Parser): Block {
  return deeper(parser, () => {
    const block: Statement[] = [];
    for (;;) {
      while (accept(parser, ';'));
      const token = peek(parser);
      if (token.kind === 'end' || BLOCK_ENDS.some((word) => isWord(parser, word))) return block;
      const statement = parseStatement(parser);
      block.push(statement);
      if (statement.kind === 'Return' || statement.kind === 'Break') {
        accept(parser, ';');
        return block;
      }
    }
  });
}

function parseStatement(parser: Parser): Statement {
  const { line, kind, text } = peek(parser);
  const parse = kind === 'keyword' ? STATEMENTS[text] : undefined;
  if (parse === undefined) return parseExpressionStatement(parser, line);
  parser.at += 1;
  return parse(parser, line);
}

const STATEMENTS: Readonly<Record<string, (parser: Parser, line: number) => Statement>> = {
  do: (parser, line) => {
    const block = parseBlock(parser);
    expect(parser, 'end');
    return { kind: 'Do', block, line };
  },
  while: (parser, line) => {
    const condition = parseExpression(parser);
    expect(parser, 'do');
    const block = parseBlock(parser);
    expect(parser, 'end');
    return { kind: 'While', condition, block, line };
  },
  repeat: (parser, line) => {
    const block = parseBlock(parser);
    expect(parser, 'until');
    return { kind: 'Repeat', block, condition: parseExpression(parser), line };
  },
  if: parseIf,
  for: parseFor,
  function: parseFunctionStatement,
  local: parseLocal,
  return: (parser, line) => {
    const isEmpty =
      peek(parser).kind === 'end' || [...BLOCK_ENDS, ';'].some((word) => isWord(parser, word));
    return { kind: 'Return', values: isEmpty ? [] : parseList(parser), line };
  },
  break: (_, line) => ({ kind: 'Break', line }),
};

function parseIf(parser: Parser, line: number): Statement {
  const branches: { condition: Expression; block: Block }[] = [];
  let otherwise: Block = [];
  do {
    const condition = parseExpression(parser);
    expect(parser, 'then');
    branches.push({ condition, block: parseBlock(parser) });
  } while (accept(parser, 'elseif'));
  if (accept(parser, 'else')) otherwise = parseBlock(parser);
  expect(parser, 'end');
  return { kind: 'If', branches, otherwise, line };
}

function parseFor(parser: Parser, line: number): Statement {
  const name = expectName(parser);
  if (accept(parser, '=')) {
    const from = parseExpression(parser);
    expect(parser, ',');
    const to = parseExpression(parser);
    const step = accept(parser, ',') ? { step: parseExpression(parser) } : {};
    return { kind: 'NumericFor', name, from, to, ...step, block: parseLoopBody(parser), line };
  }
  const names = [name];
  while (accept(parser, ',')) names.push(expectName(parser));
  expect(parser, 'in');
  const values = parseList(parser);
  return { kind: 'GenericFor', names, values, block: parseLoopBody(parser), line };
}

function parseLoopBody(parser: Parser): Block {
  expect(parser, 'do');
  const block = parseBlock(parser);
  expect(parser, 'end');
  return block;
}

function parseFunctionStatement(parser: Parser, line: number): Statement {
  let target: Expression = { kind: 'Name', name: expectName(parser) };
  while (accept(parser, '.')) target = member(target, expectName(parser));
  const isMethod = accept(parser, ':');
  if (isMethod) target = member(target, expectName(parser));
  const body = parseFunctionBody(parser, isMethod ? ['self'] : []);
  return { kind: 'Assign', targets: [target], values: [{ kind: 'Function', body }], line };
}

function parseLocal(parser: Parser, line: number): Statement {
  if (accept(parser, 'function')) {
    const name = expectName(parser);
    return { kind: 'LocalFunction', name, body: parseFunctionBody(parser, []), line };
  }
  const names = [expectName(parser)];
  while (accept(parser, ',')) names.push(expectName(parser));
  return { kind: 'Local', names, values: accept(parser, '=') ? parseList(parser) : [], line };
}

function parseExpressionStatement(parser: Parser, line: number): Statement {
  const first = parseSuffixed(parser);
  if (first.kind === 'Call' || first.kind === 'Method') return { kind: 'Call', call: first, line };
  const targets: Expression[] = [first];
  while (accept(parser, ',')) targets.push(parseSuffixed(parser));
  if (targets.some(({ kind }) => kind !== 'Name' && kind !== 'Index')) {
    fail(parser, `syntax error near '${peek(parser).text}'`);
  }
  expect(parser, '=');
  return { kind: 'Assign', targets, values: parseList(parser), line };
}

function parseList(parser: Parser): readonly Expression[] {
  const list = [parseExpression(parser)];
  while (accept(parser, ',')) list.push(parseExpression(parser));
  return list;
}

function parseExpression(parser: Parser, power = 0): Expression {
  return deeper(parser, () => {
    let left = parseUnary(parser);
    for (;;) {
      const token = peek(parser);
      const powers =
        token.kind === 'mark' || token.kind === 'keyword' ? POWERS[token.text] : undefined;
      if (powers === undefined || powers[0] <= power) return left;
      parser.at += 1;
      const right = parseExpression(parser, powers[1]);
      left = { kind: 'Binary', operator: token.text, left, right };
    }
  });
}

function parseUnary(parser: Parser): Expression {
  for (const operator of ['-', '#', 'not'] as const) {
    if (accept(parser, operator)) {
      return { kind: 'Unary', operator, operand: parseExpression(parser, UNARY_POWER) };
    }
  }
  return parseSimple(parser);
}

function parseSimple(parser: Parser): Expression {
  const token = peek(parser);
  if (token.kind === 'number' || token.kind === 'string') {
    parser.at += 1;
    return { kind: 'Constant', value: token.kind === 'number' ? token.number : token.text };
  }
  if (accept(parser, 'nil')) return { kind: 'Constant', value: undefined };
  if (accept(parser, 'true')) return { kind: 'Constant', value: true };
  if (accept(parser, 'false')) return { kind: 'Constant', value: false };
  if (accept(parser, '...')) return { kind: 'Varargs' };
  if (accept(parser, 'function')) return { kind: 'Function', body: parseFunctionBody(parser, []) };
  return isWord(parser, '{') ? parseTable(parser) : parseSuffixed(parser);
}

function parseFunctionBody(parser: Parser, first: readonly string[]): FunctionBody {
  const parameters = [...first];
  let isVariadic = false;
  expect(parser, '(');
  while (!accept(parser, ')')) {
    if (accept(parser, '...')) isVariadic = true;
    else parameters.push(expectName(parser));
    if (!isWord(parser, ')')) expect(parser, ',');
    if (isVariadic && !isWord(parser, ')')) fail(parser, "')' expected behind '...'");
  }
  const block = parseBlock(parser);
  expect(parser, 'end');
  return { parameters, isVariadic, block };
}

const member = (owner: Expression, name: string): Expression => ({
  kind: 'Index',
  owner,
  key: { kind: 'Constant', value: name },
});

function parsePrimary(parser: Parser): Expression {
  if (accept(parser, '(')) {
    const inner = parseExpression(parser);
    expect(parser, ')');
    return { kind: 'Group', inner };
  }
  if (peek(parser).kind !== 'name') fail(parser, `unexpected symbol near '${peek(parser).text}'`);
  return { kind: 'Name', name: expectName(parser) };
}

function parseSuffixed(parser: Parser): Expression {
  let expression = parsePrimary(parser);
  for (;;) {
    if (accept(parser, '.')) expression = member(expression, expectName(parser));
    else if (accept(parser, '[')) {
      const key = parseExpression(parser);
      expect(parser, ']');
      expression = { kind: 'Index', owner: expression, key };
    } else if (accept(parser, ':')) {
      const name = expectName(parser);
      const args = parseArguments(parser);
      if (args === undefined) return fail(parser, 'function arguments expected');
      expression = { kind: 'Method', owner: expression, name, args };
    } else {
      const args = parseArguments(parser);
      if (args === undefined) return expression;
      expression = { kind: 'Call', callee: expression, args };
    }
  }
}

function parseArguments(parser: Parser): readonly Expression[] | undefined {
  const token = peek(parser);
  if (token.kind === 'string') {
    parser.at += 1;
    return [{ kind: 'Constant', value: token.text }];
  }
  if (isWord(parser, '{')) return [parseTable(parser)];
  if (!accept(parser, '(')) return undefined;
  if (accept(parser, ')')) return [];
  const args = parseList(parser);
  expect(parser, ')');
  return args;
}

function parseTable(parser: Parser): Expression {
  const fields: TableField[] = [];
  expect(parser, '{');
  while (!accept(parser, '}')) {
    fields.push(parseField(parser));
    if (!accept(parser, ',') && !accept(parser, ';') && !isWord(parser, '}')) {
      fail(parser, `'}' expected near '${peek(parser).text}'`);
    }
  }
  return { kind: 'Table', fields };
}

function parseField(parser: Parser): TableField {
  if (accept(parser, '[')) {
    const key = parseExpression(parser);
    expect(parser, ']');
    expect(parser, '=');
    return { key, value: parseExpression(parser) };
  }
  const next = parser.tokens[parser.at + 1];
  if (peek(parser).kind === 'name' && next?.kind === 'mark' && next.text === '=') {
    const key: Expression = { kind: 'Constant', value: expectName(parser) };
    expect(parser, '=');
    return { key, value: parseExpression(parser) };
  }
  return { value: parseExpression(parser) };
}
