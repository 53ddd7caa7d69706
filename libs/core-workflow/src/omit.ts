/** A copy of an object without some of its fields. */
export function omit<T extends object, K extends keyof T>(
  object: T,
  ...fields: readonly K[]
): Omit<T, K> {
  const left = { ...object };
  for (const field of fields) delete left[field];
  return left;
}
