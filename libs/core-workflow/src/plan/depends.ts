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
  const pattern = /\s*(&&|\|\||!|\(|\)|[A-Za-z0-9_.-]+)/y;
  const end = text.trimEnd().length;
  let position = 0;
  while (position < end) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match === null) {
      return err(`invalid depends '${text}': cannot read '${text.slice(position).trim()}'`);
    }
    tokens.push(match[1] ?? '');
    position = pattern.lastIndex;
  }
  return ok(tokens);
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
  const bare = taskIndexes.get(token);
  if (bare !== undefined) return ok({ kind: 'Bare', task: bare });
  const dot = token.lastIndexOf('.');
  const name = dot < 0 ? token : token.slice(0, dot);
  const condition = dot < 0 ? '' : token.slice(dot + 1);
  const task = taskIndexes.get(name);
  if (task === undefined) return err(`task '${name}' is not defined`);
  if (!isCondition(condition))
    return err(`task result '${condition}' for task '${name}' is invalid`);
  return ok({ kind: 'Term', task, condition });
}

function isCondition(text: string): text is DependsCondition {
  return CONDITIONS.has(text);
}
