import { isRecord } from './trigger.ts';

/**
 * Puts a change over a value, field by field; lists and all else are replaced. As a merge patch (RFC 7386) null
 * removes a field; as an update an empty value (null, "", 0, false, {} or []) leaves what is there, as in Argo Events.
 */
export function merged(
  value: unknown,
  change: unknown,
  options: { readonly removesNull: boolean },
): unknown {
  if (!isRecord(change)) return change;
  const base = isRecord(value) ? value : {};
  const fields = new Map(Object.entries(base));
  for (const [name, next] of Object.entries(change)) {
    if (options.removesNull && next === null) fields.delete(name);
    else if (options.removesNull || !isEmpty(next)) {
      fields.set(name, merged(base[name], next, options));
    }
  }
  return Object.fromEntries(fields);
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isRecord(value)) return Object.keys(value).length === 0;
  return value === null || value === '' || value === 0 || value === false;
}
