/**
 * A copy of an object without some of its fields. The copy is built up and not cut down: an object
 * that has had fields deleted is slow to read and to copy for ever after.
 */
export function omit<T extends object, K extends keyof T>(
  object: T,
  ...fields: readonly K[]
): Omit<T, K> {
  const left = Object.entries(object).filter(
    ([key]) => !(fields as readonly unknown[]).includes(key),
  );
  return Object.fromEntries(left) as Omit<T, K>;
}
