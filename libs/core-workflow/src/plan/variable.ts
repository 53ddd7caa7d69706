/**
 * A simple tag told apart once, so that finding its value later needs no look at its text. What it
 * may mean is decided where its value is looked up.
 */
export type Variable =
  | { readonly kind: 'Input'; readonly tag: string; readonly name: string }
  | { readonly kind: 'Item'; readonly tag: string }
  | { readonly kind: 'Run'; readonly tag: string }
  /** `steps.<name>.<field>` or `tasks.<name>.<field>`. */
  | {
      readonly kind: 'Reference';
      readonly tag: string;
      readonly name: string;
      readonly field: string;
    }
  /** Paths of the template's own inputs and outputs, and `inputs.parameters` as a whole. */
  | { readonly kind: 'Own'; readonly tag: string }
  /** What the place itself adds: `node.name`, `retries` … */
  | { readonly kind: 'Local'; readonly tag: string };

const INPUT_PREFIX = 'inputs.parameters.';

/** Tells a tag apart. */
export function variableOf(tag: string): Variable {
  const dot = tag.indexOf('.');
  switch (dot < 0 ? tag : tag.slice(0, dot)) {
    case 'steps':
    case 'tasks':
      return referenceOf(tag, dot);
    case 'workflow':
    case 'cronworkflow':
      return { kind: 'Run', tag };
    case 'inputs':
      return tag.startsWith(INPUT_PREFIX)
        ? { kind: 'Input', tag, name: tag.slice(INPUT_PREFIX.length) }
        : { kind: 'Own', tag };
    case 'outputs':
      return { kind: 'Own', tag };
    case 'item':
      return { kind: 'Item', tag };
    default:
      return { kind: 'Local', tag };
  }
}

/** A reference without a field has no value: an empty field says so. */
function referenceOf(tag: string, dot: number): Variable {
  const path = dot < 0 ? '' : tag.slice(dot + 1);
  const end = path.indexOf('.');
  return end < 0
    ? { kind: 'Reference', tag, name: path, field: '' }
    : { kind: 'Reference', tag, name: path.slice(0, end), field: path.slice(end + 1) };
}
