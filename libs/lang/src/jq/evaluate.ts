import { assertNever } from '@argosy/base';
import { failLang, LangFailure } from '../error.ts';
import { isGoMap, sortedKeys } from '../govalue/index.ts';
import { callBuiltin } from './builtins.ts';
import type { JqNode } from './node.ts';
import {
  failJq,
  isTrue,
  jqType,
  operate,
  setPath,
  stepInto,
  textOf,
  type PathStep,
} from './value.ts';

/** A value with the path that led to it, while that is known. */
export interface Located {
  readonly value: unknown;
  readonly path?: readonly PathStep[];
}

/** The variables in scope and the steps left. */
export interface JqScope {
  readonly variables: ReadonlyMap<string, unknown>;
  readonly budget: { steps: number };
}

/** Steps one filter may take. */
export const JQ_STEPS_MAX = 1_000_000;

/** Counts steps; a filter that needs more than its limit ends. */
export function spend(scope: JqScope, steps = 1): void {
  scope.budget.steps -= steps;
  if (scope.budget.steps < 0) failLang('Limit', `the filter needs more than ${JQ_STEPS_MAX} steps`);
}

/** All outputs of a filter for one input. Throws LangFailure. */
export function* run(node: JqNode, input: Located, scope: JqScope): Generator<Located> {
  spend(scope);
  switch (node.kind) {
    case 'Identity':
      yield input;
      return;
    case 'Literal':
      yield { value: node.value };
      return;
    case 'Variable':
      yield { value: variable(node.name, scope) };
      return;
    case 'Pipe':
    case 'Comma':
      yield* runJoined(node, input, scope);
      return;
    case 'Call':
      yield* callBuiltin(node, input, scope);
      return;
    case 'Field':
    case 'Slice':
    case 'Iterate':
    case 'RecurseDefault':
      yield* runAccess(node, input, scope);
      return;
    default:
      yield* runOther(node, input, scope);
  }
}

function* runJoined(
  node: JqNode & { readonly kind: 'Pipe' | 'Comma' },
  input: Located,
  scope: JqScope,
): Generator<Located> {
  if (node.kind === 'Comma') {
    yield* run(node.left, input, scope);
    yield* run(node.right, input, scope);
    return;
  }
  for (const left of run(node.left, input, scope)) yield* run(node.right, left, scope);
}

function variable(name: string, scope: JqScope): unknown {
  if (!scope.variables.has(name)) failLang('Syntax', `variable not defined: $${name}`);
  return scope.variables.get(name);
}

/** The values alone. */
export function* values(node: JqNode, value: unknown, scope: JqScope): Generator<unknown> {
  for (const output of run(node, { value }, scope)) yield output.value;
}

function step(located: Located, key: PathStep): Located {
  const value = stepInto(located.value, key);
  return located.path === undefined ? { value } : { value, path: [...located.path, key] };
}

type Access = JqNode & { readonly kind: 'Field' | 'Slice' | 'Iterate' | 'RecurseDefault' };

function* runAccess(node: Access, input: Located, scope: JqScope): Generator<Located> {
  switch (node.kind) {
    case 'Field':
      for (const owner of run(node.owner, input, scope)) {
        for (const key of values(node.key, input.value, scope))
          yield step(owner, keyOf(key, owner));
      }
      return;
    case 'Slice':
      for (const owner of run(node.owner, input, scope))
        yield* slices(node, owner, { input, scope });
      return;
    case 'Iterate':
      for (const owner of run(node.owner, input, scope)) yield* children(owner);
      return;
    case 'RecurseDefault':
      yield* descendants(input);
      return;
    default:
      assertNever(node);
  }
}

function keyOf(key: unknown, owner: Located): string | number {
  if (typeof key === 'string' || typeof key === 'number') return key;
  return failJq(`cannot index ${jqType(owner.value)} with ${jqType(key)}`);
}

function* slices(
  node: Access & { readonly kind: 'Slice' },
  owner: Located,
  place: { readonly input: Located; readonly scope: JqScope },
): Generator<Located> {
  const ends = (end: JqNode | undefined): readonly unknown[] =>
    end === undefined ? [null] : [...values(end, place.input.value, place.scope)];
  const bound = (end: unknown): number | undefined => {
    if (end === null || end === undefined) return undefined;
    return typeof end === 'number' ? Math.floor(end) : failJq('slice indices must be numbers');
  };
  for (const to of ends(node.to).map(bound)) {
    for (const from of ends(node.from).map(bound)) {
      yield step(owner, {
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      });
    }
  }
}

function* children(owner: Located): Generator<Located> {
  const { value } = owner;
  if (Array.isArray(value)) for (const index of value.keys()) yield step(owner, index);
  else if (isGoMap(value)) for (const key of sortedKeys(value)) yield step(owner, key);
  else failJq(`cannot iterate over ${jqType(value)}`);
}

/** The value itself and all that lies below it. */
export function* descendants(located: Located): Generator<Located> {
  yield located;
  if (!Array.isArray(located.value) && !isGoMap(located.value)) return;
  for (const child of children(located)) yield* descendants(child);
}

type Other = Exclude<
  JqNode,
  Access | { readonly kind: 'Identity' | 'Literal' | 'Variable' | 'Pipe' | 'Comma' | 'Call' }
>;

function* runOther(node: Other, input: Located, scope: JqScope): Generator<Located> {
  switch (node.kind) {
    case 'Try':
      yield* runTry(node, input, scope);
      return;
    case 'If':
      for (const condition of values(node.condition, input.value, scope)) {
        yield* run(isTrue(condition) ? node.then : node.otherwise, input, scope);
      }
      return;
    case 'Bind':
      for (const value of values(node.source, input.value, scope)) {
        yield* run(node.body, input, bound(scope, node.name, value));
      }
      return;
    case 'Binary':
      if (node.operator === '//') yield* runAlternative(node, input, scope);
      else for (const value of runBinary(node, input.value, scope)) yield { value };
      return;
    default:
      for (const value of runValue(node, input.value, scope)) yield { value };
  }
}

const bound = (scope: JqScope, name: string, value: unknown): JqScope => ({
  ...scope,
  variables: new Map([...scope.variables, [name, value]]),
});

function* runTry(
  node: JqNode & { readonly kind: 'Try' },
  input: Located,
  scope: JqScope,
): Generator<Located> {
  try {
    yield* run(node.body, input, scope);
  } catch (thrown) {
    if (!(thrown instanceof LangFailure) || thrown.error.kind !== 'Evaluation') throw thrown;
    if (node.handler !== undefined) {
      yield* run(node.handler, { value: thrown.error.message }, scope);
    }
  }
}

function* runAlternative(
  node: JqNode & { readonly kind: 'Binary' },
  input: Located,
  scope: JqScope,
): Generator<Located> {
  let found = false;
  const left: JqNode = { kind: 'Try', body: node.left };
  for (const output of run(left, input, scope)) {
    if (!isTrue(output.value)) continue;
    found = true;
    yield output;
  }
  if (!found) yield* run(node.right, input, scope);
}

function* runBinary(
  node: JqNode & { readonly kind: 'Binary' },
  input: unknown,
  scope: JqScope,
): Generator<unknown> {
  const { operator } = node;
  if (operator === 'and' || operator === 'or') {
    for (const left of values(node.left, input, scope)) {
      if (isTrue(left) === (operator === 'or')) yield operator === 'or';
      else for (const right of values(node.right, input, scope)) yield isTrue(right);
    }
    return;
  }
  for (const right of values(node.right, input, scope)) {
    for (const left of values(node.left, input, scope)) yield operate(operator, left, right);
  }
}

type ValueNode = Exclude<Other, { readonly kind: 'Try' | 'If' | 'Bind' | 'Binary' }>;

function* runValue(node: ValueNode, input: unknown, scope: JqScope): Generator<unknown> {
  switch (node.kind) {
    case 'Negate':
      for (const value of values(node.body, input, scope)) yield operate('-', 0, value);
      return;
    case 'Array':
      yield node.body === undefined ? [] : [...values(node.body, input, scope)];
      return;
    case 'Object':
      yield* objects(node.members, input, scope);
      return;
    case 'Text':
      yield* texts(node.parts, input, scope);
      return;
    case 'Reduce':
      yield reduce(node, input, scope);
      return;
    case 'Assign':
      yield* assign(node, input, scope);
      return;
    default:
      assertNever(node);
  }
}

function* objects(
  members: (JqNode & { readonly kind: 'Object' })['members'],
  input: unknown,
  scope: JqScope,
): Generator<Readonly<Record<string, unknown>>> {
  const [first, ...rest] = members;
  if (first === undefined) {
    yield {};
    return;
  }
  for (const key of values(first.key, input, scope)) {
    if (typeof key !== 'string') failJq(`object keys must be strings, not ${jqType(key)}`);
    for (const value of values(first.value, input, scope)) {
      for (const others of objects(rest, input, scope)) {
        yield { [String(key)]: value, ...others };
      }
    }
  }
}

function* texts(
  parts: readonly (string | JqNode)[],
  input: unknown,
  scope: JqScope,
): Generator<string> {
  const [first, ...rest] = parts;
  if (first === undefined) {
    yield '';
    return;
  }
  const starts = typeof first === 'string' ? [first] : [...values(first, input, scope)].map(textOf);
  for (const start of starts) {
    for (const end of texts(rest, input, scope)) yield start + end;
  }
}

function reduce(
  node: JqNode & { readonly kind: 'Reduce' },
  input: unknown,
  scope: JqScope,
): unknown {
  let state: unknown = null;
  for (const start of values(node.start, input, scope)) state = start;
  for (const value of values(node.source, input, scope)) {
    let next: unknown = null;
    for (const output of values(node.update, state, bound(scope, node.name, value))) next = output;
    state = next;
  }
  return state;
}

/** The paths a filter leads to; a filter that makes new values has none. */
export function* pathsOf(
  node: JqNode,
  value: unknown,
  scope: JqScope,
): Generator<readonly PathStep[]> {
  for (const { path } of run(node, { value, path: [] }, scope)) {
    yield path ?? failJq('invalid path expression');
  }
}

function* assign(
  node: JqNode & { readonly kind: 'Assign' },
  input: unknown,
  scope: JqScope,
): Generator<unknown> {
  if (node.operator === '|=') {
    yield update(node.left, input, { scope, change: (old) => firstOf(node.right, old, scope) });
    return;
  }
  const operator = node.operator.slice(0, -1);
  for (const right of values(node.right, input, scope)) {
    const change = (old: unknown): unknown => {
      if (operator === '') return right;
      if (operator === '//') return isTrue(old) ? old : right;
      return operate(operator, old, right);
    };
    yield update(node.left, input, { scope, change });
  }
}

function firstOf(node: JqNode, value: unknown, scope: JqScope): unknown {
  for (const output of values(node, value, scope)) return output;
  return null;
}

function update(
  target: JqNode,
  input: unknown,
  how: { readonly scope: JqScope; readonly change: (old: unknown) => unknown },
): unknown {
  let result = input;
  for (const path of pathsOf(target, input, how.scope)) {
    const old = path.reduce(stepInto, result);
    result = setPath(result, path, how.change(old));
  }
  return result;
}
