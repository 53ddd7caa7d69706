import { assertNever } from '@argosy/base';
import { LangFailure } from '../error.ts';
import { isGoMap, sortedKeys } from '../govalue/index.ts';
import { run, values, type Located } from './evaluate.ts';
import type { JqNode } from './node.ts';
import type { JqScope } from './scope.ts';
import { failJq, preview, stepInto, type PathStep } from './value.ts';

type Access = JqNode & { readonly kind: 'Field' | 'Slice' | 'Iterate' | 'RecurseDefault' };

/** `.x`, `.[f]`, `.[a:b]`, `.[]` and `..`; the paths grow with each step. */
export function* runAccess(node: Access, input: Located, scope: JqScope): Generator<Located> {
  switch (node.kind) {
    case 'Field':
      for (const key of values(node.key, input.value, scope)) {
        for (const owner of run(node.owner, input, scope)) {
          yield* unlessOptional(node, () => [stepTo(owner, stepOf(key, owner))]);
        }
      }
      return;
    case 'Slice':
      yield* slices(node, input, scope);
      return;
    case 'Iterate':
      for (const owner of run(node.owner, input, scope)) {
        yield* unlessOptional(node, () => [...children(owner)]);
      }
      return;
    case 'RecurseDefault':
      yield* descendants(input);
      return;
    default:
      assertNever(node);
  }
}

/** The parts that a step leads to; none when it fails and may. */
function unlessOptional(
  node: { readonly isOptional?: boolean },
  step: () => readonly Located[],
): readonly Located[] {
  if (node.isOptional !== true) return step();
  try {
    return step();
  } catch (thrown) {
    if (thrown instanceof LangFailure && thrown.error.kind === 'Evaluation') return [];
    throw thrown;
  }
}

/** The part of a value one step away. */
export function stepTo(located: Located, key: PathStep): Located {
  const value = stepInto(located.value, key);
  return located.path === undefined ? { value } : { value, path: [...located.path, key] };
}

/** What a key means as a step: texts, numbers, `{start, end}`, and lists to be looked for. */
export function stepOf(key: unknown, owner: Located): PathStep {
  if (typeof key === 'string' || typeof key === 'number') return key;
  if (isGoMap(key)) return { ...boundOf('from', key['start']), ...boundOf('to', key['end']) };
  return failJq(
    `expected a string for object key but got: ${preview(key)} in ${preview(owner.value)}`,
  );
}

function boundOf(name: 'from' | 'to', bound: unknown): Readonly<Record<string, number>> {
  if (bound === null || bound === undefined) return {};
  if (typeof bound !== 'number') {
    return failJq(`expected a number for slicing but got: ${preview(bound)}`);
  }
  return { [name]: name === 'from' ? Math.floor(bound) : Math.ceil(bound) };
}

function* slices(
  node: Access & { readonly kind: 'Slice' },
  input: Located,
  scope: JqScope,
): Generator<Located> {
  const ends = (end: JqNode | undefined): readonly unknown[] =>
    end === undefined ? [null] : [...values(end, input.value, scope)];
  for (const to of ends(node.to)) {
    for (const from of ends(node.from)) {
      for (const owner of run(node.owner, input, scope)) {
        yield* unlessOptional(node, () => [
          stepTo(owner, { ...boundOf('from', from), ...boundOf('to', to) }),
        ]);
      }
    }
  }
}

/** The items of a list, the values of an object by its sorted keys. */
export function* children(owner: Located): Generator<Located> {
  const { value } = owner;
  if (Array.isArray(value)) for (const index of value.keys()) yield stepTo(owner, index);
  else if (isGoMap(value)) for (const key of sortedKeys(value)) yield stepTo(owner, key);
  else failJq(`cannot iterate over: ${preview(value)}`);
}

/** The value itself and all that lies below it. */
export function* descendants(located: Located): Generator<Located> {
  yield located;
  if (!Array.isArray(located.value) && !isGoMap(located.value)) return;
  for (const child of children(located)) yield* descendants(child);
}
