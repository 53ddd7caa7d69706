import { isAlias, isMap, isScalar, isSeq, type Document, type Node, type Pair } from 'yaml';
import type { FieldPath } from '../problem.ts';
import { ALIAS_VALUES_MAX, MANIFEST_DEPTH_MAX, TOO_DEEP } from './limits.ts';

/**
 * A value of a document: JSON, except that whole numbers are `bigint` until their field is known.
 */
export type RawValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly RawValue[]
  | { readonly [key: string]: RawValue };

/** Something that the text has and JSON has not; `node` says where. */
export interface RawProblem {
  readonly message: string;
  readonly path: FieldPath;
  readonly severity: 'error' | 'duplicate';
  readonly node: Node | undefined;
}

interface Walk {
  readonly anchors: Map<string, Node>;
  readonly active: Set<Node>;
  readonly problems: RawProblem[];
  /** Where the walk is: one array that grows and shrinks, copied only for problems. */
  readonly path: (string | number)[];
  aliasDepth: number;
  aliasValues: number;
}

/**
 * Turns a parsed YAML document into plain values: follows aliases (bounded), applies merge keys
 * (`<<`), and reports keys that occur twice (the last one wins, as with Go's decoder).
 */
export function rawValueOf(document: Document.Parsed): {
  readonly value: RawValue;
  readonly problems: readonly RawProblem[];
} {
  const walk: Walk = {
    anchors: new Map(),
    active: new Set(),
    problems: [],
    path: [],
    aliasDepth: 0,
    aliasValues: 0,
  };
  const value = convert(document.contents, walk);
  return { value, problems: walk.problems };
}

function convert(node: unknown, walk: Walk): RawValue {
  if (walk.path.length > MANIFEST_DEPTH_MAX) {
    return refuse(walk, TOO_DEEP, node);
  }
  if (walk.aliasDepth > 0 && ++walk.aliasValues > ALIAS_VALUES_MAX) {
    const message = `aliases expand to more than ${ALIAS_VALUES_MAX} values; write them out`;
    return refuse(walk, message, node);
  }
  if (isAlias(node)) return convertAlias(node.source, node, walk);
  if (isScalar(node)) {
    if (node.anchor !== undefined) walk.anchors.set(node.anchor, node as Node);
    return scalarValue(node.value, node.source);
  }
  if (isSeq(node)) {
    return within(node as Node, walk, () =>
      node.items.map((item, index) => convertAt(index, item, walk)),
    );
  }
  if (isMap(node)) return within(node as Node, walk, () => convertMap(node.items, walk));
  return null;
}

function convertAt(part: string | number, node: unknown, walk: Walk): RawValue {
  walk.path.push(part);
  const value = convert(node, walk);
  walk.path.pop();
  return value;
}

function within(node: Node, walk: Walk, body: () => RawValue): RawValue {
  const anchor = (node as { readonly anchor?: string }).anchor;
  if (anchor !== undefined) walk.anchors.set(anchor, node);
  walk.active.add(node);
  const value = body();
  walk.active.delete(node);
  return value;
}

function convertAlias(name: string, node: Node, walk: Walk): RawValue {
  const target = walk.anchors.get(name);
  if (target === undefined) {
    return refuse(walk, `alias *${name} names no anchor; put &${name} before it`, node);
  }
  if (walk.active.has(target)) {
    return refuse(walk, `alias *${name} contains itself; write the value out`, node);
  }
  walk.aliasDepth += 1;
  const value = convert(target, walk);
  walk.aliasDepth -= 1;
  return value;
}

function convertMap(pairs: readonly Pair[], walk: Walk): RawValue {
  // Without a prototype, so that no key of the text means anything to the language.
  const own = Object.create(null) as Record<string, RawValue>;
  const merged = new Map<string, RawValue>();
  for (const pair of pairs) {
    const key = keyText(pair.key);
    if (key === undefined) {
      refuse(walk, 'a key must be text; quote it', pair.key);
      continue;
    }
    const value = convertAt(key.text, pair.value, walk);
    if (key.isMerge) mergeInto(merged, value, () => refuseMerge(walk, pair.key));
    else {
      if (key.text in own) reportDuplicate(walk, key.text, pair.key);
      own[key.text] = value;
    }
  }
  for (const [key, value] of merged) if (!(key in own)) own[key] = value;
  return own;
}

function mergeInto(merged: Map<string, RawValue>, value: RawValue, refuseSource: () => void): void {
  const sources = Array.isArray(value) ? (value as readonly RawValue[]) : [value];
  for (const source of sources) {
    if (source === null || typeof source !== 'object' || Array.isArray(source)) {
      refuseSource();
      continue;
    }
    for (const [key, part] of Object.entries(source)) if (!merged.has(key)) merged.set(key, part);
  }
}

function refuseMerge(walk: Walk, node: unknown): void {
  refuse(walk, 'the merge key << needs a map or a list of maps', node);
}

/** A key as text, as the reader of values has it; undefined for a key that is a list or map. */
export function keyText(
  key: unknown,
): { readonly text: string; readonly isMerge: boolean } | undefined {
  if (!isScalar(key)) return undefined;
  const isMerge = key.source === '<<' && key.type === 'PLAIN';
  const value = scalarValue(key.value, key.source);
  return { text: String(value), isMerge };
}

/** The value of a scalar of a parsed document. */
export function scalarOf(node: { readonly value: unknown; readonly source?: string }): RawValue {
  return scalarValue(node.value, node.source);
}

/** Numbers that JSON has no form for keep their text. */
function scalarValue(value: unknown, source: string | undefined): RawValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : (source ?? String(value));
    default:
      return value === null || value === undefined ? null : (source ?? null);
  }
}

function reportDuplicate(walk: Walk, key: string, node: unknown): void {
  const message = `key "${key}" is given twice; keep one (the last one is used)`;
  const path = [...walk.path, key];
  walk.problems.push({ message, path, severity: 'duplicate', node: node as Node });
}

/** Parts of the path shown with a problem; one of a thousand parts helps nobody. */
const PATH_SHOWN_MAX = 12;

function refuse(walk: Walk, message: string, node: unknown): null {
  const already = walk.problems.some((problem) => problem.message === message);
  const path = walk.path.slice(0, PATH_SHOWN_MAX);
  if (!already) walk.problems.push({ message, path, severity: 'error', node: node as Node });
  return null;
}
