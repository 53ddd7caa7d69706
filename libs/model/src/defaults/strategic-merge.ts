import type { Json, JsonObject } from '../types/json.ts';

/**
 * Lists whose items are merged one by one, and the field that tells items apart; from the merge
 * keys that Kubernetes and Argo declare. Every other list is replaced as a whole.
 */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  templates: 'name',
  parameters: 'name',
  artifacts: 'name',
  volumes: 'name',
  volumeClaimTemplates: 'name',
  imagePullSecrets: 'name',
  initContainers: 'name',
  sidecars: 'name',
  tasks: 'name',
  env: 'name',
  hostAliases: 'ip',
  tolerations: 'key',
  volumeMounts: 'mountPath',
  ports: 'containerPort',
};

/**
 * Kubernetes' strategic merge of two objects of a manifest: what `over` says wins, maps are merged
 * field by field, lists with a merge key item by item (those of `over` first). Shares what it can
 * with its inputs and changes neither. Empty text in a field counts as not given, as in Go.
 */
export function strategicMerge<Value extends object>(base: object, over: Value): Value {
  // Both are objects of a manifest and so plain JSON; the types of the fields stay those of Value.
  return mergeObjects(base as JsonObject, over as unknown as JsonObject) as unknown as Value;
}

function mergeObjects(base: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...base };
  for (const [field, value] of Object.entries(over)) {
    const below = base[field];
    if (below === undefined) merged[field] = value;
    else if (isMissing(value, field)) continue;
    else merged[field] = mergeValues(field, below, value);
  }
  return merged;
}

/** Parameter values may be empty text on purpose; other fields with empty text are not given. */
function isMissing(value: Json, field: string): boolean {
  return value === '' && field !== 'value' && field !== 'default';
}

function mergeValues(field: string, base: Json, over: Json): Json {
  if (Array.isArray(base) && Array.isArray(over)) {
    const key = MERGE_KEYS[field];
    if (key === undefined) return over;
    return mergeLists(key, field, base as readonly Json[], over as readonly Json[]);
  }
  return isObject(base) && isObject(over) ? mergeObjects(base, over) : over;
}

/** Items of `over` come first, in their order, then the rest of `base`. */
function mergeLists(
  key: string,
  field: string,
  base: readonly Json[],
  over: readonly Json[],
): readonly Json[] {
  const rest = new Map<Json, Json>();
  const unkeyed: Json[] = [];
  for (const item of base) {
    if (isObject(item) && item[key] !== undefined) rest.set(item[key], item);
    else unkeyed.push(item);
  }
  const mergeItem = field === 'parameters' ? mergeParameter : mergeObjects;
  const merged = over.map((item) => {
    if (!isObject(item) || item[key] === undefined) return item;
    const under = rest.get(item[key]);
    rest.delete(item[key]);
    return isObject(under) ? mergeItem(under, item) : item;
  });
  return [...merged, ...rest.values(), ...unkeyed];
}

/** A parameter given a value (or a source of it) no longer takes the one it would have got. */
function mergeParameter(base: JsonObject, over: JsonObject): JsonObject {
  if (over['value'] === undefined && over['valueFrom'] === undefined) {
    return mergeObjects(base, over);
  }
  const rest = Object.entries(base).filter(([key]) => key !== 'value' && key !== 'valueFrom');
  return mergeObjects(Object.fromEntries(rest), over);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
