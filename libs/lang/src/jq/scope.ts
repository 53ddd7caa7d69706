import { failLang } from '../error.ts';
import type { JqDefinition, JqNode } from './node.ts';

/** A name that is known from some place on. */
export type Binding =
  | { readonly kind: 'Variable'; readonly key: string; readonly value: unknown }
  | { readonly kind: 'Function'; readonly key: string; readonly definition: JqDefinition }
  /** An argument: a filter with the names that were known where the call is written. */
  | {
      readonly kind: 'Argument';
      readonly key: string;
      readonly node: JqNode;
      readonly environment: Environment | undefined;
    }
  | { readonly kind: 'Label'; readonly key: string; readonly token: object };

/** The names in scope, the latest first. */
export interface Environment {
  readonly binding: Binding;
  readonly outer: Environment | undefined;
}

/** The names in scope and the steps left. */
export interface JqScope {
  readonly environment: Environment | undefined;
  readonly budget: { steps: number };
}

/** Steps one filter may take. */
export const JQ_STEPS_MAX = 1_000_000;

/** Counts steps; a filter that needs more than its limit ends. */
export function spend(scope: JqScope, steps = 1): void {
  scope.budget.steps -= steps;
  if (scope.budget.steps < 0) failLang('Limit', `the filter needs more than ${JQ_STEPS_MAX} steps`);
}

/** The scope with one more name. */
export function bind(scope: JqScope, binding: Binding): JqScope {
  return { ...scope, environment: { binding, outer: scope.environment } };
}

/** The place where a name was bound last. */
export function findBinding<Kind extends Binding['kind']>(
  scope: JqScope,
  kinds: readonly Kind[],
  key: string,
): (Environment & { readonly binding: Extract<Binding, { readonly kind: Kind }> }) | undefined {
  for (let place = scope.environment; place !== undefined; place = place.outer) {
    const { binding } = place;
    if (binding.key === key && kinds.some((kind) => kind === binding.kind)) {
      return place as Environment & { binding: Extract<Binding, { readonly kind: Kind }> };
    }
  }
  return undefined;
}
