/** Puts a patch over a JSON value (RFC 7386): null removes a field; lists and all else are replaced. */
export function jsonMergePatch(value: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const base = isObject(value) ? value : {};
  const fields = new Map(Object.entries(base));
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) fields.delete(name);
    else fields.set(name, jsonMergePatch(base[name], change));
  }
  return Object.fromEntries(fields);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
