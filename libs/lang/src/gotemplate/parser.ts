import { failLang } from '../error.ts';
import type { Piece, Token } from './lexer.ts';
import { characterValue, numberValue, stringValue } from './literal.ts';
import type { Command, Operand, Pipeline, TemplateNode } from './node.ts';

/** Deepest nesting of blocks and parentheses. */
export const TEMPLATE_DEPTH_MAX = 200;

/** The parsed main template and those defined in it. */
export interface ParsedNodes {
  readonly nodes: readonly TemplateNode[];
  readonly defined: ReadonlyMap<string, readonly TemplateNode[]>;
}

interface Parser {
  readonly pieces: readonly Piece[];
  at: number;
  depth: number;
  ranges: number;
  readonly defined: Map<string, readonly TemplateNode[]>;
  readonly isFunction: (name: string) => boolean;
  /** Names of the variables in scope. */
  readonly scope: string[];
}

/** Parses the pieces of a template; a name that is no function is an error, as in Go. */
export function parsePieces(
  pieces: readonly Piece[],
  isFunction: (name: string) => boolean,
): ParsedNodes {
  const parser: Parser = {
    pieces,
    at: 0,
    depth: 0,
    ranges: 0,
    defined: new Map(),
    isFunction,
    scope: ['$'],
  };
  const { nodes, end } = parseList(parser);
  if (end !== undefined) failLang('Syntax', `unexpected {{${end.word}}}`, end.offset);
  return { nodes, defined: parser.defined };
}

/** What ended a list: `end`, or `else` with the tokens behind it. */
interface ListEnd {
  readonly word: 'end' | 'else';
  readonly rest: readonly Token[];
  readonly offset: number;
}

function parseList(parser: Parser): {
  readonly nodes: readonly TemplateNode[];
  readonly end?: ListEnd;
} {
  parser.depth += 1;
  if (parser.depth > TEMPLATE_DEPTH_MAX) failLang('Limit', 'the template is nested too deeply');
  const nodes: TemplateNode[] = [];
  while (parser.at < parser.pieces.length) {
    const piece = parser.pieces[parser.at];
    parser.at += 1;
    if (piece === undefined) break;
    if (piece.kind === 'Text') {
      nodes.push({ kind: 'Text', text: piece.text });
      continue;
    }
    const word = piece.tokens[0]?.kind === 'word' ? piece.tokens[0].text : '';
    if (word === 'end' || word === 'else') {
      parser.depth -= 1;
      return { nodes, end: { word, rest: piece.tokens.slice(1), offset: piece.offset } };
    }
    const node = parseAction(parser, piece.tokens, word, piece.offset);
    if (node !== undefined) nodes.push(node);
  }
  parser.depth -= 1;
  return { nodes };
}

function parseAction(
  parser: Parser,
  tokens: readonly Token[],
  word: string,
  offset: number,
): TemplateNode | undefined {
  const rest = tokens.slice(1);
  switch (word) {
    case 'if':
      return parseBlock(parser, { kind: 'If', tokens: rest, offset });
    case 'with':
      return parseBlock(parser, { kind: 'With', tokens: rest, offset });
    case 'range':
      return parseBlock(parser, { kind: 'Range', tokens: rest, offset });
    case 'break':
    case 'continue':
      if (parser.ranges === 0) failLang('Syntax', `{{${word}}} outside {{range}}`, offset);
      return { kind: word === 'break' ? 'Break' : 'Continue' };
    case 'define':
      parser.defined.set(nameOf(rest, 'define', offset), parseDefinition(parser, offset));
      return undefined;
    case 'block': {
      const name = nameOf(rest.slice(0, 1), 'block', offset);
      const pipeline = parsePipeline(parser, rest.slice(1), 'block');
      parser.defined.set(name, parseDefinition(parser, offset));
      return { kind: 'Template', name, pipeline };
    }
    case 'template': {
      const name = nameOf(rest.slice(0, 1), 'template', offset);
      if (rest.length === 1) return { kind: 'Template', name };
      return { kind: 'Template', name, pipeline: parsePipeline(parser, rest.slice(1), 'template') };
    }
    default:
      return { kind: 'Action', pipeline: parsePipeline(parser, tokens, 'command') };
  }
}

function nameOf(tokens: readonly Token[], what: string, offset: number): string {
  const [token] = tokens;
  if (token?.kind !== 'string' || tokens.length !== 1) {
    return failLang('Syntax', `missing name in ${what} clause`, offset);
  }
  return stringValue(token);
}

function parseDefinition(parser: Parser, offset: number): readonly TemplateNode[] {
  const outer = parser.scope.splice(1);
  const { nodes, end } = parseList(parser);
  parser.scope.splice(1, Infinity, ...outer);
  if (end?.word !== 'end') failLang('Syntax', 'unexpected EOF', offset);
  return nodes;
}

interface BlockStart {
  readonly kind: 'If' | 'With' | 'Range';
  readonly tokens: readonly Token[];
  readonly offset: number;
}

function parseBlock(parser: Parser, start: BlockStart): TemplateNode {
  const { kind, tokens, offset } = start;
  const depth = parser.scope.length;
  const pipeline = parsePipeline(parser, tokens, kind.toLowerCase(), kind === 'Range');
  if (kind === 'Range') parser.ranges += 1;
  const body = parseList(parser);
  if (kind === 'Range') parser.ranges -= 1;
  const otherwise = parseElse(parser, start, body.end);
  parser.scope.length = depth;
  if (body.end === undefined) failLang('Syntax', 'unexpected EOF', offset);
  return { kind, pipeline, body: body.nodes, otherwise };
}

/** `{{else}} … {{end}}`, `{{else if …}}`, `{{else with …}}`. */
function parseElse(
  parser: Parser,
  start: BlockStart,
  end: ListEnd | undefined,
): readonly TemplateNode[] {
  if (end?.word !== 'else') return [];
  const [next, ...rest] = end.rest;
  const isChain = next?.text === (start.kind === 'With' ? 'with' : 'if') && start.kind !== 'Range';
  if (next !== undefined && !isChain) {
    failLang('Syntax', `unexpected <${next.text}> in else`, next.offset);
  }
  if (isChain) return [parseBlock(parser, { ...start, tokens: rest })];
  const list = parseList(parser);
  if (list.end?.word !== 'end') {
    const found = list.end === undefined ? 'unexpected EOF' : 'expected end; found {{else}}';
    failLang('Syntax', found, end.offset);
  }
  return list.nodes;
}

/** A place in the tokens of one action. */
interface Cursor {
  readonly tokens: readonly Token[];
  index: number;
}

function parsePipeline(
  parser: Parser,
  tokens: readonly Token[],
  context: string,
  mayDeclareTwo = false,
): Pipeline {
  const cursor: Cursor = { tokens, index: 0 };
  const { variables, isAssignment } = parseDeclaration(parser, cursor, mayDeclareTwo);
  const commands = parseCommands(parser, cursor, context);
  if (cursor.index < tokens.length) {
    failLang('Syntax', `unexpected <${tokens[cursor.index]?.text ?? ''}> in ${context}`);
  }
  if (!isAssignment) parser.scope.push(...variables);
  return { variables, isAssignment, commands };
}

function parseDeclaration(
  parser: Parser,
  cursor: Cursor,
  mayDeclareTwo: boolean,
): Pick<Pipeline, 'variables' | 'isAssignment'> {
  const declared = declaredVariables(cursor.tokens, mayDeclareTwo);
  const operator = cursor.tokens[declared.length === 2 ? 3 : 1]?.text ?? '';
  if (declared.length === 0 || !/^:?=$/.test(operator)) {
    return { variables: [], isAssignment: false };
  }
  cursor.index = declared.length === 2 ? 4 : 2;
  const isAssignment = operator === '=';
  if (isAssignment) for (const token of declared) requireVariable(parser, token);
  return { variables: declared.map((token) => token.text), isAssignment };
}

/** The variables a pipeline begins with: one, or two with a comma between them. */
function declaredVariables(tokens: readonly Token[], mayBeTwo: boolean): readonly Token[] {
  const [first, comma, second] = tokens;
  if (first?.kind !== 'variable') return [];
  const isPair = mayBeTwo && comma?.text === ',' && second?.kind === 'variable';
  return isPair ? [first, second] : [first];
}

function requireVariable(parser: Parser, token: Token): void {
  if (!parser.scope.includes(token.text)) {
    failLang('Syntax', `undefined variable ${JSON.stringify(token.text)}`, token.offset);
  }
}

function parseCommands(parser: Parser, cursor: Cursor, context: string): readonly Command[] {
  const commands: Command[] = [];
  for (;;) {
    const operands = parseOperands(parser, cursor);
    if (operands.length === 0) failLang('Syntax', `missing value for ${context}`);
    if (commands.length > 0 && operands[0]?.kind === 'Literal') {
      failLang('Syntax', 'non executable command in pipeline');
    }
    commands.push({ operands });
    if (cursor.tokens[cursor.index]?.text !== '|') return commands;
    cursor.index += 1;
  }
}

function parseOperands(parser: Parser, cursor: Cursor): readonly Operand[] {
  const operands: Operand[] = [];
  while (cursor.index < cursor.tokens.length) {
    const token = cursor.tokens[cursor.index];
    if (token === undefined || token.text === '|' || token.text === ')') break;
    if (operands.length > 0 && !token.space) {
      failLang('Syntax', `unexpected <${token.text}> in operand`, token.offset);
    }
    operands.push(parseOperand(parser, cursor, token));
  }
  return operands;
}

function parseOperand(parser: Parser, cursor: Cursor, token: Token): Operand {
  cursor.index += 1;
  switch (token.kind) {
    case 'string':
      return { kind: 'Literal', value: stringValue(token) };
    case 'number':
      return { kind: 'Literal', value: numberValue(token) };
    case 'character':
      return { kind: 'Literal', value: characterValue(token) };
    case 'dot':
      return { kind: 'Dot', fields: [] };
    case 'field':
      return { kind: 'Dot', fields: [token.text.slice(1), ...parseFields(cursor)] };
    case 'variable':
      requireVariable(parser, token);
      return { kind: 'Variable', name: token.text, fields: parseFields(cursor) };
    case 'word':
      return parseWord(parser, cursor, token);
    case 'mark':
      return parseParenthesis(parser, cursor, token);
  }
}

function parseWord(parser: Parser, cursor: Cursor, token: Token): Operand {
  if (token.text === 'true' || token.text === 'false') {
    return { kind: 'Literal', value: token.text === 'true' };
  }
  if (token.text === 'nil') return { kind: 'Literal', value: null };
  if (!parser.isFunction(token.text)) {
    failLang('Syntax', `function ${JSON.stringify(token.text)} not defined`, token.offset);
  }
  return { kind: 'Function', name: token.text, fields: parseFields(cursor) };
}

function parseParenthesis(parser: Parser, cursor: Cursor, token: Token): Operand {
  if (token.text !== '(') failLang('Syntax', `unexpected <${token.text}>`, token.offset);
  parser.depth += 1;
  if (parser.depth > TEMPLATE_DEPTH_MAX) failLang('Limit', 'the template is nested too deeply');
  const commands = parseCommands(parser, cursor, 'parenthesized pipeline');
  parser.depth -= 1;
  if (cursor.tokens[cursor.index]?.text !== ')') {
    failLang('Syntax', 'unclosed left paren', token.offset);
  }
  cursor.index += 1;
  const pipeline = { variables: [], isAssignment: false, commands };
  return { kind: 'Pipe', pipeline, fields: parseFields(cursor) };
}

/** Field names that stand right behind an operand. */
function parseFields(cursor: Cursor): readonly string[] {
  const fields: string[] = [];
  for (;;) {
    const token = cursor.tokens[cursor.index];
    if (token?.kind !== 'field' || token.space) return fields;
    fields.push(token.text.slice(1));
    cursor.index += 1;
  }
}
