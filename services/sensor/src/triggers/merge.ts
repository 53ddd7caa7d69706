import { jsonMergePatch } from '@argosy/base';
import { isRecord } from './trigger.ts';

/**
 * Puts a change over an object, field by field. As a patch it is a JSON merge patch; as an update an empty value
 * (null, "", 0, false, {} or []) leaves what is there, as in Argo Events.
 */
export function merged(
  value: unknown,
  change: unknown,
  options: { readonly removesNull: boolean },
): unknown {
  return jsonMergePatch(value, options.removesNull ? change : withoutEmpty(change));
}

/** Without the fields whose values are empty, at any depth outside of lists. */
function withoutEmpty(change: unknown): unknown {
  if (!isRecord(change)) return change;
  const told = Object.entries(change).filter(([, next]) => !isEmpty(next));
  return Object.fromEntries(told.map(([name, next]) => [name, withoutEmpty(next)]));
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isRecord(value)) return Object.keys(value).length === 0;
  return value === null || value === '' || value === 0 || value === false;
}
