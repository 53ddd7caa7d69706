import type { ResourceObject } from './resource-client.ts';

/** Puts a patch over an object as a JSON merge patch (RFC 7386) does: null removes, lists are replaced. */
export function merged(object: ResourceObject, patch: ResourceObject): ResourceObject {
  return mergedValue(object, patch) as ResourceObject;
}

function mergedValue(value: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const base = isRecord(value) ? value : {};
  const fields = new Map(Object.entries(base));
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) fields.delete(name);
    else fields.set(name, mergedValue(base[name], change));
  }
  return Object.fromEntries(fields);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
