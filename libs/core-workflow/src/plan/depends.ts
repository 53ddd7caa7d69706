import { err, ok, type Result } from '@argosy/base';

/** What a term of `depends` asks of a task's node. */
export type DependsCondition =
  | 'Succeeded'
  | 'Failed'
  | 'Errored'
  | 'Skipped'
  | 'Omitted'
  | 'Daemoned'
  | 'AnySucceeded'
  | 'AllFailed';

/** A compiled `depends`: evaluated without looking at its text again. */
export type Depends =
  | { readonly kind: 'True' }
  | { readonly kind: 'Term'; readonly task: number; readonly condition: DependsCondition }
  /** A bare task name: done in a way that lets followers start. */
  | { readonly kind: 'Bare'; readonly task: number }
  | { readonly kind: 'Not'; readonly operand: Depends }
  /** A list and not a pair, so that ten thousand dependencies do not lie ten thousand levels deep. */
  | { readonly kind: 'And' | 'Or'; readonly operands: readonly Depends[] };

const CONDITIONS: ReadonlySet<string> = new Set<DependsCondition>([
  'Succeeded',
  'Failed',
  'Errored',
  'Skipped',
  'Omitted',
  'Daemoned',
  'AnySucceeded',
  'AllFailed',
]);

/** Parentheses and `!` that may lie within each other. */
const DEPENDS_DEPTH_MAX = 200;

/** Compiles a `depends` text; task names are resolved to their index in the DAG. */
export function compileDepends(
  text: string,
  taskIndexes: ReadonlyMap<string, number>,
): Result<Depends, string> {
  const parser: Parser = { text, position: 0, taskIndexes, problem: undefined };
  const parsed = parseOr(parser, 0);
  const rest = nextToken(parser);
  if (parsed === undefined || parser.problem !== undefined) {
    return err(`invalid depends '${text}': ${parser.problem ?? 'it is empty'}`);
  }
  if (rest !== '') return err(`invalid depends '${text}': unexpected '${rest}'`);
  return ok(parsed);
}

/** The tasks a condition names, each once. */
export function tasksOf(depends: Depends): readonly number[] {
  if (depends.kind === 'Bare' || depends.kind === 'Term') return [depends.task];
  const found: number[] = [];
  collectTasks(depends, found);
  if (found.length > FEW) return [...new Set(found)];
  return found.filter((task, place) => found.indexOf(task) === place);
}

/** So many tasks are compared with each other in less time than a set of them is made. */
const FEW = 8;

function collectTasks(depends: Depends, found: number[]): void {
  switch (depends.kind) {
    case 'True':
      return;
    case 'Term':
    case 'Bare':
      found.push(depends.task);
      return;
    case 'Not':
      collectTasks(depends.operand, found);
      return;
    case 'And':
    case 'Or':
      for (const operand of depends.operands) collectTasks(operand, found);
  }
}

/** What has been read so far; the first problem ends it, and then nothing more is parsed. */
interface Parser {
  readonly text: string;
  position: number;
  readonly taskIndexes: ReadonlyMap<string, number>;
  problem: string | undefined;
}

function fail(parser: Parser, problem: string): undefined {
  parser.problem ??= problem;
  return undefined;
}

/** Looks at the next operator or name; empty at the end. */
function peekToken(parser: Parser): string {
  const { text } = parser;
  while (isBlank(text.charCodeAt(parser.position))) parser.position += 1;
  const start = parser.position;
  const end = endOfToken(text, start);
  if (end === start && start < text.length)
    fail(parser, `cannot read '${text.slice(start).trim()}'`);
  return text.slice(start, end);
}

function nextToken(parser: Parser): string {
  const token = peekToken(parser);
  parser.position += token.length;
  return token;
}

/** Behind the operator or name that starts at a place; the place itself when neither does. */
function endOfToken(text: string, start: number): number {
  let end = start;
  while (isNameCharacter(text.charCodeAt(end))) end += 1;
  if (end > start) return end;
  const first = text.charAt(start);
  if (first === '!' || first === '(' || first === ')') return start + 1;
  const isDouble = (first === '&' || first === '|') && text.charAt(start + 1) === first;
  return isDouble ? start + 2 : start;
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** Letters, digits, `_`, `-` and the dot before a condition; NaN behind the end of the text. */
function isNameCharacter(code: number): boolean {
  const lower = code | 0x20;
  if (lower >= 0x61 && lower <= 0x7a) return true;
  return (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x2d || code === 0x2e;
}

function parseOr(parser: Parser, depth: number): Depends | undefined {
  return parseChain(parser, depth, OR);
}

function parseAnd(parser: Parser, depth: number): Depends | undefined {
  return parseChain(parser, depth, AND);
}

interface ChainRule {
  readonly operator: string;
  readonly kind: 'And' | 'Or';
  readonly operand: (parser: Parser, depth: number) => Depends | undefined;
}

const OR: ChainRule = { operator: '||', kind: 'Or', operand: parseAnd };
const AND: ChainRule = { operator: '&&', kind: 'And', operand: parseUnary };

function parseChain(parser: Parser, depth: number, rule: ChainRule): Depends | undefined {
  const first = rule.operand(parser, depth);
  if (first === undefined || peekToken(parser) !== rule.operator) return first;
  const operands: Depends[] = [first];
  while (peekToken(parser) === rule.operator) {
    parser.position += rule.operator.length;
    const operand = rule.operand(parser, depth);
    if (operand === undefined) return undefined;
    operands.push(operand);
  }
  // The copy has the room that it needs; a list that has grown keeps room for more.
  return { kind: rule.kind, operands: operands.slice() };
}

function parseUnary(parser: Parser, depth: number): Depends | undefined {
  if (depth > DEPENDS_DEPTH_MAX) return fail(parser, 'nested too deeply');
  const token = nextToken(parser);
  if (token === '') return fail(parser, 'unexpected end');
  if (token === '!') {
    const operand = parseUnary(parser, depth + 1);
    return operand === undefined ? undefined : { kind: 'Not', operand };
  }
  if (token !== '(') return parseTerm(parser, token);
  const inner = parseOr(parser, depth + 1);
  if (inner !== undefined && nextToken(parser) !== ')') return fail(parser, "missing ')'");
  return inner;
}

function parseTerm(parser: Parser, token: string): Depends | undefined {
  const { taskIndexes } = parser;
  const dot = token.lastIndexOf('.');
  const name = dot < 0 ? token : token.slice(0, dot);
  const condition = dot < 0 ? '' : token.slice(dot + 1);
  const task = taskIndexes.get(name);
  if (task !== undefined && isCondition(condition)) return { kind: 'Term', task, condition };
  const bare = taskIndexes.get(token);
  if (bare !== undefined) return { kind: 'Bare', task: bare };
  if (task === undefined) return fail(parser, `task '${name}' is not defined`);
  return fail(parser, `task result '${condition}' for task '${name}' is invalid`);
}

function isCondition(text: string): text is DependsCondition {
  return CONDITIONS.has(text);
}
