import { ok, type Result } from '@argosy/base';
import { compileText, renderText, type Text, type TextScope } from './text.ts';

/**
 * A JSON value of a manifest with its tags located. Parts without tags are shared, never copied;
 * the others are copied as a whole and then have their tagged parts replaced.
 */
export type Tagged =
  | { readonly kind: 'Constant'; readonly value: unknown }
  | { readonly kind: 'Text'; readonly text: Text }
  | { readonly kind: 'List'; readonly source: readonly unknown[]; readonly changes: ItemChanges }
  | { readonly kind: 'Object'; readonly source: object; readonly changes: FieldChanges }
  /** Some key holds a tag: the object has to be built anew. */
  | { readonly kind: 'Keyed'; readonly entries: readonly KeyedEntry[] };

type ItemChanges = readonly { readonly index: number; readonly value: Tagged }[];
type FieldChanges = readonly { readonly key: string; readonly value: Tagged }[];

interface KeyedEntry {
  readonly key: Text;
  readonly value: Tagged;
}

/** Locates the tags in a JSON value. */
export function compileTagged(value: unknown): Tagged {
  if (typeof value === 'string' && value.includes('{{')) {
    return { kind: 'Text', text: compileText(value) };
  }
  if (typeof value !== 'object' || value === null) return { kind: 'Constant', value };
  return Array.isArray(value) ? compileList(value) : compileObject(value);
}

function compileList(source: readonly unknown[]): Tagged {
  const changes = source
    .map((item, index) => ({ index, value: compileTagged(item) }))
    .filter((change) => change.value.kind !== 'Constant');
  return changes.length === 0
    ? { kind: 'Constant', value: source }
    : { kind: 'List', source, changes };
}

function compileObject(source: object): Tagged {
  const all = Object.entries(source).map(([key, entry]) => ({ key, value: compileTagged(entry) }));
  if (all.some(({ key }) => key.includes('{{'))) {
    return {
      kind: 'Keyed',
      entries: all.map(({ key, value }) => ({ key: compileText(key), value })),
    };
  }
  const changes = all.filter((change) => change.value.kind !== 'Constant');
  return changes.length === 0
    ? { kind: 'Constant', value: source }
    : { kind: 'Object', source, changes };
}

/** The value with its tags replaced. Cost: the parts that hold tags. */
export function renderTagged(tagged: Tagged, scope: TextScope): Result<unknown, string> {
  switch (tagged.kind) {
    case 'Constant':
      return ok(tagged.value);
    case 'Text':
      return renderText(tagged.text, scope);
    case 'List':
      return renderList(tagged.source, tagged.changes, scope);
    case 'Object':
      return renderObject(tagged.source, tagged.changes, scope);
    case 'Keyed':
      return renderKeyed(tagged.entries, scope);
  }
}

function renderList(
  source: readonly unknown[],
  changes: ItemChanges,
  scope: TextScope,
): Result<unknown, string> {
  const list = source.slice();
  for (const change of changes) {
    const rendered = renderTagged(change.value, scope);
    if (!rendered.ok) return rendered;
    list[change.index] = rendered.value;
  }
  return ok(list);
}

/** Every key that is written exists in the copy already, so that `__proto__` is data like any other. */
function renderObject(
  source: object,
  changes: FieldChanges,
  scope: TextScope,
): Result<unknown, string> {
  const object: Record<string, unknown> = { ...source };
  for (const change of changes) {
    const rendered = renderTagged(change.value, scope);
    if (!rendered.ok) return rendered;
    object[change.key] = rendered.value;
  }
  return ok(object);
}

function renderKeyed(entries: readonly KeyedEntry[], scope: TextScope): Result<unknown, string> {
  const object: Record<string, unknown> = {};
  for (const entry of entries) {
    const key = renderText(entry.key, scope);
    if (!key.ok) return key;
    const value = renderTagged(entry.value, scope);
    if (!value.ok) return value;
    // defineProperty, so that a key such as __proto__ is data like any other.
    Object.defineProperty(object, key.value, {
      value: value.value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return ok(object);
}
