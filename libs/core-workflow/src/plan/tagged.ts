import { ok, type Result } from '@argosy/base';
import type { TemplateScope } from '@argosy/lang';
import { compileText, renderText, type Text } from './text.ts';

/** A JSON value of a manifest with its tags located; parts without tags are shared, never copied. */
export type Tagged =
  | { readonly kind: 'Constant'; readonly value: unknown }
  | { readonly kind: 'Text'; readonly text: Text }
  | { readonly kind: 'List'; readonly items: readonly Tagged[] }
  | { readonly kind: 'Object'; readonly entries: readonly TaggedEntry[] };

interface TaggedEntry {
  readonly key: Text;
  readonly value: Tagged;
}

/** Locates the tags in a JSON value. */
export function compileTagged(value: unknown): Tagged {
  if (typeof value === 'string') {
    return value.includes('{{')
      ? { kind: 'Text', text: compileText(value) }
      : { kind: 'Constant', value };
  }
  if (Array.isArray(value)) {
    const items = value.map(compileTagged);
    return items.every((item) => item.kind === 'Constant')
      ? { kind: 'Constant', value }
      : { kind: 'List', items };
  }
  if (typeof value !== 'object' || value === null) return { kind: 'Constant', value };
  const entries = Object.entries(value).map(([key, entry]) => ({
    key: compileText(key),
    value: compileTagged(entry),
  }));
  const constant = entries.every(
    (entry) => entry.key.parsed === undefined && entry.value.kind === 'Constant',
  );
  return constant ? { kind: 'Constant', value } : { kind: 'Object', entries };
}

/** The value with its tags replaced. Cost: the parts that hold tags. */
export function renderTagged(tagged: Tagged, scope: TemplateScope): Result<unknown, string> {
  switch (tagged.kind) {
    case 'Constant':
      return ok(tagged.value);
    case 'Text':
      return renderText(tagged.text, scope);
    case 'List':
      return renderList(tagged.items, scope);
    case 'Object':
      return renderObject(tagged.entries, scope);
  }
}

function renderList(items: readonly Tagged[], scope: TemplateScope): Result<unknown, string> {
  const list: unknown[] = [];
  for (const item of items) {
    const rendered = renderTagged(item, scope);
    if (!rendered.ok) return rendered;
    list.push(rendered.value);
  }
  return ok(list);
}

function renderObject(
  entries: readonly TaggedEntry[],
  scope: TemplateScope,
): Result<unknown, string> {
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
