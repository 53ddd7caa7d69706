import { assertNever, err, ok, type Result } from '@argosy/base';

/** When a trigger fires, in terms of dependencies that have an event. */
export type Condition =
  | { readonly kind: 'Dependency'; readonly name: string }
  | { readonly kind: 'And' | 'Or'; readonly left: Condition; readonly right: Condition };

/** All of the dependencies: the condition of a trigger that has none of its own. */
export function allOf(names: readonly string[]): Condition | undefined {
  return names
    .map((name): Condition => ({ kind: 'Dependency', name }))
    .reduce<Condition | undefined>(
      (left, right) => (left === undefined ? right : { kind: 'And', left, right }),
      undefined,
    );
}

/** Reads `a && (b || c)`; in names `-` and `_` are the same. */
export function parseCondition(text: string, names: readonly string[]): Result<Condition, string> {
  const byPlainName = new Map(names.map((name) => [plain(name), name]));
  const tokens = text.match(/&&|\|\||[()]|[\w.-]+|\S/g) ?? [];
  let position = 0;

  function operand(): Condition {
    const token = tokens[position] ?? '';
    position += 1;
    if (token === '(') {
      const inner = chain('||');
      if (tokens[position] !== ')') throw new SyntaxError('a closing bracket is missing');
      position += 1;
      return inner;
    }
    const name = byPlainName.get(plain(token));
    if (name === undefined) {
      throw new SyntaxError(
        token === '' ? 'it ends too early' : `there is no dependency "${token}"`,
      );
    }
    return { kind: 'Dependency', name };
  }
  function chain(operator: '||' | '&&'): Condition {
    const next = (): Condition => (operator === '||' ? chain('&&') : operand());
    let left = next();
    while (tokens[position] === operator) {
      position += 1;
      left = { kind: operator === '||' ? 'Or' : 'And', left, right: next() };
    }
    return left;
  }

  try {
    const condition = chain('||');
    if (position === tokens.length) return ok(condition);
    return err(`conditions: "${tokens[position] ?? ''}" is not expected in "${text}"`);
  } catch (error) {
    return err(`conditions: ${(error as Error).message} in "${text}"`);
  }
}

export function isMet(condition: Condition, has: (dependency: string) => boolean): boolean {
  switch (condition.kind) {
    case 'Dependency':
      return has(condition.name);
    case 'And':
      return isMet(condition.left, has) && isMet(condition.right, has);
    case 'Or':
      return isMet(condition.left, has) || isMet(condition.right, has);
    default:
      return assertNever(condition);
  }
}

export function dependenciesOf(condition: Condition): ReadonlySet<string> {
  if (condition.kind === 'Dependency') return new Set([condition.name]);
  return new Set([...dependenciesOf(condition.left), ...dependenciesOf(condition.right)]);
}

/** Whether events must wait for one another. */
export function hasConjunction(condition: Condition): boolean {
  if (condition.kind === 'Dependency') return false;
  return (
    condition.kind === 'And' || hasConjunction(condition.left) || hasConjunction(condition.right)
  );
}

function plain(name: string): string {
  return name.replaceAll('-', '_');
}
