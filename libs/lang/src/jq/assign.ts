import { run, values } from './evaluate.ts';
import type { JqNode } from './node.ts';
import type { JqScope } from './scope.ts';
import {
  compareJq,
  deletePath,
  failJq,
  isTrue,
  operate,
  preview,
  setPath,
  stepInto,
  type PathStep,
} from './value.ts';

/** The paths a filter leads to; a filter that makes new values has none. */
export function* pathsOf(
  node: JqNode,
  value: unknown,
  scope: JqScope,
): Generator<readonly PathStep[]> {
  for (const output of run(node, { value, path: [] }, scope)) {
    yield output.path ?? failJq(`invalid path against: ${preview(output.value)}`);
  }
}

/** `=`, `|=` and the operators that change a value in its place. */
export function* assign(
  node: JqNode & { readonly kind: 'Assign' },
  input: unknown,
  scope: JqScope,
): Generator<unknown> {
  if (node.operator === '|=') {
    yield modify(node, input, scope);
    return;
  }
  const operator = node.operator.slice(0, -1);
  for (const right of values(node.right, input, scope)) {
    let result = input;
    for (const path of pathsOf(node.left, input, scope)) {
      result = setPath(result, path, changed(operator, path.reduce(stepInto, result), right));
    }
    yield result;
  }
}

function changed(operator: string, old: unknown, right: unknown): unknown {
  if (operator === '') return right;
  if (operator === '//') return isTrue(old) ? old : right;
  return operate(operator, old, right);
}

/** The first output of the right side counts; without one the part is deleted. */
function modify(
  node: JqNode & { readonly kind: 'Assign' },
  input: unknown,
  scope: JqScope,
): unknown {
  let result = input;
  const emptied: (readonly PathStep[])[] = [];
  for (const path of pathsOf(node.left, input, scope)) {
    const next = values(node.right, path.reduce(stepInto, result), scope).next();
    if (next.done === true) emptied.push(path);
    else result = setPath(result, path, next.value);
  }
  return deletePaths(result, emptied);
}

/** The value without the parts at these paths, which are all meant as they are before. */
export function deletePaths(value: unknown, paths: readonly (readonly PathStep[])[]): unknown {
  return paths.toSorted((a, b) => compareJq(b, a)).reduce<unknown>(deletePath, value);
}
