import { failLang } from '../error.ts';
import { workOf } from '../work.ts';
import { run, values, type Located } from './evaluate.ts';
import { FILTER_FUNCTIONS } from './filter-functions.ts';
import { HEAVY_FUNCTIONS, VALUE_FUNCTIONS } from './value-functions.ts';
import type { JqDefinition, JqNode } from './node.ts';
import { preludeOf } from './prelude.ts';
import { bind, findBinding, spend, type Binding, type Environment, type JqScope } from './scope.ts';

type Call = JqNode & { readonly kind: 'Call' };

/** Runs a function by name and number of arguments: one in scope, else one of jq's own. */
export function* call(node: Call, input: Located, scope: JqScope): Generator<Located> {
  const key = `${node.name}/${node.args.length}`;
  const found = findBinding(scope, ['Function', 'Argument'], key);
  if (found?.binding.kind === 'Argument') {
    const { node: argument, environment } = found.binding;
    yield* run(argument, input, { ...scope, environment });
    return;
  }
  if (found?.binding.kind === 'Function') {
    // The function knows itself, and what was known where it was defined.
    yield* apply(found.binding.definition, { environment: found, node, scope }, input);
    return;
  }
  yield* callOwn(node, key, { input, scope });
}

function* callOwn(
  node: Call,
  key: string,
  { input, scope }: { readonly input: Located; readonly scope: JqScope },
): Generator<Located> {
  if (Object.hasOwn(FILTER_FUNCTIONS, key)) {
    yield* FILTER_FUNCTIONS[key]?.(node.args, input, scope) ?? [];
    return;
  }
  const plain = Object.hasOwn(VALUE_FUNCTIONS, key) ? VALUE_FUNCTIONS[key] : undefined;
  if (plain !== undefined) {
    for (const args of product(node.args, input.value, scope)) {
      if (HEAVY_FUNCTIONS.has(key)) spend(scope, workOf([input.value, ...args]));
      yield { value: plain(input.value, args) };
    }
    return;
  }
  const definition = preludeOf(key);
  if (definition === undefined) failLang('Syntax', `function not defined: ${key}`);
  else yield* apply(definition, { environment: undefined, node, scope }, input);
}

interface Application {
  /** What the body knows beside its parameters. */
  readonly environment: Environment | undefined;
  readonly node: Call;
  readonly scope: JqScope;
}

/**
 * Runs a defined function; a parameter with `$` takes each value of its argument, the last changing
 * fastest.
 */
function* apply(
  definition: JqDefinition,
  application: Application,
  input: Located,
): Generator<Located> {
  const start = { ...application.scope, environment: application.environment };
  for (const scope of withArguments(definition.parameters, { ...application, input }, start)) {
    yield* run(definition.body, input, scope);
  }
}

function* withArguments(
  [parameter, ...rest]: readonly string[],
  application: Application & { readonly input: Located },
  inner: JqScope,
): Generator<JqScope> {
  if (parameter === undefined) {
    yield inner;
    return;
  }
  const { node, scope, input } = application;
  const argument = node.args.at(-1 - rest.length) ?? { kind: 'Identity' };
  if (!parameter.startsWith('$')) {
    const { environment } = scope;
    const bound = bind(inner, asFilter(parameter, argument, environment));
    yield* withArguments(rest, application, bound);
    return;
  }
  const name = parameter.slice(1);
  for (const value of values(argument, input.value, scope)) {
    const filter = bind(inner, asFilter(name, { kind: 'Literal', value }, undefined));
    const bound = bind(filter, { kind: 'Variable', key: name, value });
    yield* withArguments(rest, application, bound);
  }
}

function asFilter(
  name: string,
  node: JqNode,
  environment: Environment | undefined,
): Extract<Binding, { readonly kind: 'Argument' }> {
  return { kind: 'Argument', key: `${name}/0`, node, environment };
}

/** All combinations of the values of the arguments, the first changing fastest. */
export function* product(
  args: readonly JqNode[],
  input: unknown,
  scope: JqScope,
): Generator<readonly unknown[]> {
  const [first, ...rest] = args;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const others of product(rest, input, scope)) {
    for (const value of values(first, input, scope)) yield [value, ...others];
  }
}
