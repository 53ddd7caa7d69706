import { err, ok, type Result } from '@argosy/base';
import type { Dependency } from '../manifest/sensor.ts';

/** Longest condition accepted, in UTF-16 units. */
export const CONDITION_UNITS_MAX = 10_000;
/** Deepest nesting of parentheses. */
const DEPTH_MAX = 100;

type Node =
  | { readonly kind: 'Name'; readonly name: string }
  | { readonly kind: 'And' | 'Or'; readonly left: Node; readonly right: Node };

/** A compiled trigger condition over dependency names. */
export interface Condition {
  /** The condition without blanks, with the names as the dependencies have them. */
  readonly expression: string;
  /** Whether events are kept until the condition holds: only when it has an `&&`. */
  readonly isStateful: boolean;
  /** The dependencies it names, each once, in order of appearance. */
  readonly dependencies: readonly string[];
  /** Whether it holds when exactly these dependencies have an event. */
  holds(present: ReadonlySet<string>): boolean;
}

interface Parser {
  readonly tokens: readonly string[];
  /** Names with `_` for `-` → the name as declared. */
  readonly known: ReadonlyMap<string, string>;
  at: number;
  depth: number;
}

const normalized = (name: string): string => name.replaceAll('-', '_');

/**
 * Compiles a trigger's `conditions`: names, `&&`, `||`, parentheses. An empty one means all
 * dependencies of the sensor. `-` and `_` in names are the same; there is no `!`.
 * @returns a sentence that names what is wrong; such a trigger can never fire.
 */
export function compileCondition(
  conditions: string | undefined,
  dependencies: readonly Pick<Dependency, 'name'>[],
): Result<Condition, string> {
  const text = conditions?.trim() ?? '';
  const all = dependencies.map(({ name }) => name).join(' && ');
  const source = text === '' ? all : text;
  if (source.length > CONDITION_UNITS_MAX) {
    return err(`conditions may have at most ${CONDITION_UNITS_MAX} characters`);
  }
  const tokens = tokenize(source);
  if (!tokens.ok) return tokens;
  const known = new Map(dependencies.map(({ name }) => [normalized(name), name]));
  const parser: Parser = { tokens: tokens.value, known, at: 0, depth: 0 };
  const node = parseOr(parser);
  if (!node.ok) return node;
  const rest = parser.tokens[parser.at];
  if (rest !== undefined) return err(`conditions: unexpected "${rest}" in "${source}"`);
  const named = tokens.value
    .filter((token) => /\w/.test(token))
    .map((name) => declared(parser, name));
  return ok({
    expression: tokens.value.map((token) => declared(parser, token)).join(''),
    isStateful: tokens.value.includes('&&'),
    dependencies: [...new Set(named)],
    holds: (present) => holds(node.value, present),
  });
}

const declared = (parser: Parser, token: string): string =>
  parser.known.get(normalized(token)) ?? token;

function tokenize(source: string): Result<readonly string[], string> {
  const tokens = source.match(/&&|\|\||[()]|[\w.-]+|\S/g) ?? [];
  const wrong = tokens.find((token) => !/^(&&|\|\||[()]|[\w.-]+)$/.test(token));
  if (wrong !== undefined) {
    return err(`conditions: "${wrong}" is not allowed; use names, &&, || and parentheses`);
  }
  return ok(tokens);
}

function parseOr(parser: Parser): Result<Node, string> {
  return parseChain(parser, { operator: '||', kind: 'Or', next: parseAnd });
}

function parseAnd(parser: Parser): Result<Node, string> {
  return parseChain(parser, { operator: '&&', kind: 'And', next: parseName });
}

interface Level {
  readonly operator: string;
  readonly kind: 'And' | 'Or';
  readonly next: (parser: Parser) => Result<Node, string>;
}

function parseChain(parser: Parser, level: Level): Result<Node, string> {
  let left = level.next(parser);
  while (left.ok && parser.tokens[parser.at] === level.operator) {
    parser.at += 1;
    const right = level.next(parser);
    if (!right.ok) return right;
    left = ok({ kind: level.kind, left: left.value, right: right.value });
  }
  return left;
}

function parseName(parser: Parser): Result<Node, string> {
  const token = parser.tokens[parser.at];
  parser.at += 1;
  if (token === undefined) return err('conditions: a dependency name is missing at the end');
  if (token === '(') return parseGroup(parser);
  if (!/^[\w.-]+$/.test(token)) return err(`conditions: unexpected "${token}"`);
  const name = parser.known.get(normalized(token));
  if (name === undefined) {
    const names = [...parser.known.values()].join(', ');
    return err(`conditions: unknown dependency "${token}"; the sensor has ${names}`);
  }
  return ok({ kind: 'Name', name });
}

function parseGroup(parser: Parser): Result<Node, string> {
  parser.depth += 1;
  if (parser.depth > DEPTH_MAX) return err('conditions: parentheses are nested too deeply');
  const inner = parseOr(parser);
  parser.depth -= 1;
  if (!inner.ok) return inner;
  if (parser.tokens[parser.at] !== ')') return err('conditions: a ")" is missing');
  parser.at += 1;
  return inner;
}

function holds(node: Node, present: ReadonlySet<string>): boolean {
  if (node.kind === 'Name') return present.has(node.name);
  const left = holds(node.left, present);
  if (node.kind === 'And') return left && holds(node.right, present);
  return left || holds(node.right, present);
}
