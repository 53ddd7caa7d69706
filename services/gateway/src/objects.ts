/** The object without some of its fields. */
export function omit<Fields extends object, Name extends keyof Fields>(
  fields: Fields,
  ...names: readonly Name[]
): Omit<Fields, Name> {
  const dropped: readonly PropertyKey[] = names;
  const entries = Object.entries(fields).filter(([name]) => !dropped.includes(name));
  return Object.fromEntries(entries) as Omit<Fields, Name>;
}
