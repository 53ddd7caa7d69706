import { err, ok, type Result } from '@argosy/base';
import { goJson, goJsonString } from '../govalue/index.ts';
import { gjsonGet, PATH_UNITS_MAX } from './get.ts';
import { parseValue } from './result.ts';
import { elementsOf } from './scan.ts';

/** Items an index beyond the end of an array may pad with null. */
export const PADDING_ITEMS_MAX = 100_000;

/** What to write: a Go value, or the exact JSON text in `raw`. */
export type SjsonValue = { readonly raw: string } | string | number | bigint | boolean | null;

interface Component {
  /** The key as it is written into the document. */
  readonly key: string;
  /** The key as a gjson path, with its escapes. */
  readonly path: string;
  /** Written `:key`: never an index. */
  readonly isForced: boolean;
}

/**
 * Sets the value at an sjson path (tidwall/sjson 1.2: `a.0.b`, `-1` appends, `\.` escapes, `:1` is a
 * key) and leaves every other byte as it is. Missing objects and arrays are created, a path with
 * wildcards, queries or modifiers only replaces what it finds.
 */
export function sjsonSet(json: string, path: string, value: SjsonValue): Result<string, string> {
  if (path === '') return err('path cannot be empty');
  if (path.length > PATH_UNITS_MAX) {
    return err(`a path may have at most ${PATH_UNITS_MAX} characters`);
  }
  const raw =
    typeof value === 'object' && value !== null ? value.raw : goJson(value, { escapeHtml: true });
  const text = typeof value === 'string' ? stringText(value) : raw;
  const components = componentsOf(path);
  if (components === undefined) return ok(replaceFound(json, path, text));
  return setAt(json, components, text);
}

/** Plain ASCII text is quoted as it is; anything else the way Go marshals it. */
function stringText(text: string): string {
  return /^[ !#-[\]-\x7f]*$/.test(text) ? `"${text}"` : goJsonString(text, true);
}

/** The components of a simple path, undefined when it has wildcards, queries, pipes or modifiers. */
function componentsOf(path: string): readonly Component[] | undefined {
  const components: Component[] = [];
  let rest: string | undefined = path;
  while (rest !== undefined) {
    const isForced: boolean = rest.startsWith(':');
    let index: number = isForced ? 1 : 0;
    const start = index;
    let key = '';
    while (index < rest.length && rest.charAt(index) !== '.') {
      if (/[|#@*?]/.test(rest.charAt(index))) return undefined;
      if (rest.charAt(index) === '\\') index += 1;
      key += rest.charAt(index);
      index += 1;
    }
    components.push({ key, path: rest.slice(start, index), isForced });
    rest = index < rest.length ? rest.slice(index + 1) : undefined;
  }
  return components;
}

function setAt(
  json: string,
  components: readonly Component[],
  text: string,
): Result<string, string> {
  const [first, ...others] = components;
  if (first === undefined) return ok(text);
  const found = gjsonGet(json, first.path);
  if (found.exists && found.index > 0) {
    const inner = others.length === 0 ? ok(text) : setAt(found.raw, others, text);
    if (!inner.ok) return inner;
    const end = found.index + found.raw.length;
    return ok(`${json.slice(0, found.index)}${inner.value}${json.slice(end)}`);
  }
  return create(json, first, { others, text });
}

interface NewValue {
  readonly others: readonly Component[];
  readonly text: string;
}

const indexOf = (component: Component): number | undefined =>
  !component.isForced && /^\d*$/.test(component.key) ? Number(component.key) : undefined;

const isAppend = (component: Component): boolean => !component.isForced && component.key === '-1';

/** Adds a member or an element to the document, which becomes a container when it is none. */
function create(json: string, first: Component, value: NewValue): Result<string, string> {
  const index = indexOf(first);
  const parsed = parseValue(json);
  const raw = parsed.type === 'json' ? parsed.raw : index === undefined ? '{}' : '[]';
  const built = build(value.others, value.text);
  if (!built.ok) return built;
  const isEmpty = /^.[\0- ]*[}\]]/s.test(raw);
  if (raw.startsWith('{')) {
    const end = raw.lastIndexOf('}');
    const key = stringText(first.key);
    return ok(`${raw.slice(0, end)}${isEmpty ? '' : ','}${key}:${built.value}}`);
  }
  if (isAppend(first)) {
    const body = raw.trim().replace(/\]$/, '');
    return ok(`${body}${isEmpty ? '' : ','}${built.value}]`);
  }
  if (index === undefined) {
    return err(`cannot set array element for non-numeric key '${first.key}'`);
  }
  const elements = Array.from(elementsOf(raw, 0), (span) => raw.slice(span.start, span.end));
  const padding = nulls(index - elements.length);
  if (!padding.ok) return padding;
  return ok(`[${[...elements, ...padding.value, built.value].join(',')}]`);
}

function nulls(count: number): Result<readonly string[], string> {
  if (count > PADDING_ITEMS_MAX) {
    return err(`an index may pad an array with at most ${PADDING_ITEMS_MAX} items`);
  }
  return ok(new Array<string>(Math.max(0, count)).fill('null'));
}

/** The containers for the rest of a path around the value: a number makes an array. */
function build(components: readonly Component[], text: string): Result<string, string> {
  const [first, ...others] = components;
  if (first === undefined) return ok(text);
  const inner = build(others, text);
  if (!inner.ok) return inner;
  const index = indexOf(first);
  if (index === undefined && !isAppend(first)) {
    return ok(`{${stringText(first.key)}:${inner.value}}`);
  }
  const padding = nulls(index ?? 0);
  return padding.ok ? ok(`[${[...padding.value, inner.value].join(',')}]`) : padding;
}

/** Replaces the value, or every value of a list, that a complex path finds. */
function replaceFound(json: string, path: string, text: string): string {
  const found = gjsonGet(json, path);
  if (!found.exists) return json;
  if (found.indexes === undefined) {
    if (found.index === 0) return json;
    return `${json.slice(0, found.index)}${text}${json.slice(found.index + found.raw.length)}`;
  }
  const items = Array.from(elementsOf(found.raw, 0), (span) => span.end - span.start);
  const places = found.indexes
    .map((index, position) => ({ index, length: items[position] ?? 0 }))
    .toSorted((left, right) => right.index - left.index);
  return places.reduce(
    (result, place) =>
      `${result.slice(0, place.index)}${text}${result.slice(place.index + place.length)}`,
    json,
  );
}
