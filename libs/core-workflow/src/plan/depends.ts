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
  const tokens = tokenize(text);
  if (!tokens.ok) return tokens;
  const parser = { tokens: tokens.value, position: 0, taskIndexes };
  const parsed = parseOr(parser, 0);
  if (!parsed.ok) return err(`invalid depends '${text}': ${parsed.error}`);
  const rest = parser.tokens[parser.position];
  if (rest !== undefined) return err(`invalid depends '${text}': unexpected '${rest}'`);
  return parsed;
}

/** The tasks a condition names, each once. */
export function tasksOf(depends: Depends): readonly number[] {
  if (depends.kind === 'Bare' || depends.kind === 'Term') return [depends.task];
  const found = new Set<number>();
  collectTasks(depends, found);
  return [...found];
}

function collectTasks(depends: Depends, found: Set<number>): void {
  switch (depends.kind) {
    case 'True':
      return;
    case 'Term':
    case 'Bare':
      found.add(depends.task);
      return;
    case 'Not':
      collectTasks(depends.operand, found);
      return;
    case 'And':
    case 'Or':
      for (const operand of depends.operands) collectTasks(operand, found);
  }
}

interface Parser {
  readonly tokens: readonly string[];
  position: number;
  readonly taskIndexes: ReadonlyMap<string, number>;
}

function tokenize(text: string): Result<readonly string[], string> {
  const tokens: string[] = [];
  let position = afterBlanks(text, 0);
  while (position < text.length) {
    const end = endOfToken(text, position);
    if (end === position) {
      return err(`invalid depends '${text}': cannot read '${text.slice(position).trim()}'`);
    }
    tokens.push(text.slice(position, end));
    position = afterBlanks(text, end);
  }
  return ok(tokens);
}

const BLANKS = ' \t\r\n';

function afterBlanks(text: string, start: number): number {
  let end = start;
  while (end < text.length && BLANKS.includes(text.charAt(end))) end += 1;
  return end;
}

/** Behind the operator or name that starts at a place; the place itself when neither does. */
function endOfToken(text: string, start: number): number {
  const first = text.charAt(start);
  if (first === '!' || first === '(' || first === ')') return start + 1;
  if (text.startsWith('&&', start) || text.startsWith('||', start)) return start + 2;
  let end = start;
  while (isNameCharacter(text.charCodeAt(end))) end += 1;
  return end;
}

/** Letters, digits, `_`, `-` and the dot before a condition; NaN behind the end of the text. */
function isNameCharacter(code: number): boolean {
  const lower = code | 0x20;
  if (lower >= 0x61 && lower <= 0x7a) return true;
  return (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x2d || code === 0x2e;
}

function parseOr(parser: Parser, depth: number): Result<Depends, string> {
  return parseChain(parser, depth, { operator: '||', kind: 'Or', operand: parseAnd });
}

function parseAnd(parser: Parser, depth: number): Result<Depends, string> {
  return parseChain(parser, depth, { operator: '&&', kind: 'And', operand: parseUnary });
}

interface ChainRule {
  readonly operator: string;
  readonly kind: 'And' | 'Or';
  readonly operand: (parser: Parser, depth: number) => Result<Depends, string>;
}

function parseChain(parser: Parser, depth: number, rule: ChainRule): Result<Depends, string> {
  const operands: Depends[] = [];
  for (;;) {
    const operand = rule.operand(parser, depth);
    if (!operand.ok) return operand;
    operands.push(operand.value);
    if (parser.tokens[parser.position] !== rule.operator) break;
    parser.position += 1;
  }
  const [only] = operands;
  return ok(only !== undefined && operands.length === 1 ? only : { kind: rule.kind, operands });
}

function parseUnary(parser: Parser, depth: number): Result<Depends, string> {
  if (depth > DEPENDS_DEPTH_MAX) return err('nested too deeply');
  const token = parser.tokens[parser.position];
  parser.position += 1;
  if (token === undefined) return err('unexpected end');
  if (token === '!') {
    const operand = parseUnary(parser, depth + 1);
    return operand.ok ? ok({ kind: 'Not', operand: operand.value }) : operand;
  }
  if (token !== '(') return parseTerm(token, parser.taskIndexes);
  const inner = parseOr(parser, depth + 1);
  if (!inner.ok) return inner;
  if (parser.tokens[parser.position] !== ')') return err("missing ')'");
  parser.position += 1;
  return inner;
}

function parseTerm(
  token: string,
  taskIndexes: ReadonlyMap<string, number>,
): Result<Depends, string> {
  const dot = token.lastIndexOf('.');
  const name = dot < 0 ? token : token.slice(0, dot);
  const condition = dot < 0 ? '' : token.slice(dot + 1);
  const task = taskIndexes.get(name);
  if (task !== undefined && isCondition(condition)) return ok({ kind: 'Term', task, condition });
  const bare = taskIndexes.get(token);
  if (bare !== undefined) return ok({ kind: 'Bare', task: bare });
  if (task === undefined) return err(`task '${name}' is not defined`);
  return err(`task result '${condition}' for task '${name}' is invalid`);
}

function isCondition(text: string): text is DependsCondition {
  return CONDITIONS.has(text);
}
