import { LangFailure } from '../error.ts';
import { stepOf } from './access.ts';
import { values } from './evaluate.ts';
import type { JqNode, JqPattern } from './node.ts';
import { bind, type JqScope } from './scope.ts';
import { failJq, preview, stepInto } from './value.ts';

/** The scopes in which a pattern's variables have the parts of a value; several when a key has several. */
export function* destructure(
  pattern: JqPattern,
  value: unknown,
  scope: JqScope,
): Generator<JqScope> {
  switch (pattern.kind) {
    case 'Name':
      yield bind(scope, { kind: 'Variable', key: pattern.name, value });
      return;
    case 'List':
      yield* inOrder(pattern.items, scope, (item, index, inner) =>
        destructure(item, itemOf(value, index), inner),
      );
      return;
    case 'Map':
      yield* inOrder(pattern.entries, scope, (entry, _, inner) => entryOf(entry, value, inner));
  }
}

function* inOrder<T>(
  parts: readonly T[],
  scope: JqScope,
  one: (part: T, index: number, scope: JqScope) => Generator<JqScope>,
  from = 0,
): Generator<JqScope> {
  const part = parts[from];
  if (part === undefined) {
    yield scope;
    return;
  }
  for (const inner of one(part, from, scope)) yield* inOrder(parts, inner, one, from + 1);
}

function itemOf(value: unknown, index: number): unknown {
  if (value === null || value === undefined || Array.isArray(value)) return stepInto(value, index);
  return failJq(`expected an array but got: ${preview(value)}`);
}

function* entryOf(
  entry: Extract<JqPattern, { readonly kind: 'Map' }>['entries'][number],
  value: unknown,
  scope: JqScope,
): Generator<JqScope> {
  for (const key of values(entry.key, value, scope)) {
    const part = stepInto(value, stepOf(key, { value }));
    const named =
      entry.name === undefined
        ? scope
        : bind(scope, { kind: 'Variable', key: entry.name, value: part });
    if (entry.value === undefined) yield named;
    else yield* destructure(entry.value, part, named);
  }
}

/**
 * Runs a body under each of the patterns of `as`. With `?//` a pattern that fails, or whose body fails,
 * gives way to the next; the variables of the others are null meanwhile.
 */
export function* destructureFirst<T>(
  node: JqNode & { readonly kind: 'Bind' },
  value: unknown,
  scope: JqScope,
  body: (scope: JqScope) => Generator<T>,
): Generator<T> {
  const { patterns } = node;
  const known =
    patterns.length === 1
      ? scope
      : patterns
          .flatMap(namesOf)
          .reduce((inner, key) => bind(inner, { kind: 'Variable', key, value: null }), scope);
  for (const [index, pattern] of patterns.entries()) {
    try {
      for (const inner of destructure(pattern, value, known)) yield* body(inner);
      return;
    } catch (thrown) {
      const isFailure = thrown instanceof LangFailure && thrown.error.kind === 'Evaluation';
      if (!isFailure || index === patterns.length - 1) throw thrown;
    }
  }
}

function namesOf(pattern: JqPattern): readonly string[] {
  switch (pattern.kind) {
    case 'Name':
      return [pattern.name];
    case 'List':
      return pattern.items.flatMap(namesOf);
    case 'Map':
      return pattern.entries.flatMap(({ name, value }) => [
        ...(name === undefined ? [] : [name]),
        ...(value === undefined ? [] : namesOf(value)),
      ]);
  }
}
