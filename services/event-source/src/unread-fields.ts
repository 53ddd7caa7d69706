/** Fields told at most, so that a status stays small. */
const FIELDS_TOLD_MAX = 20;

/**
 * The fields of settings that a reader does not look at, and which therefore have no effect: as paths such as
 * `auth.token` or `items[0].name`, each only down to where nobody looked any further.
 * @param settings JSON data
 * @param read reads all that it takes of the settings it is given, and keeps none of it
 */
export function unreadFields(
  settings: unknown,
  read: (settings: unknown) => void,
): readonly string[] {
  const seen = new Set<string>();
  // A copy of its own, since frozen objects do not let anybody look over a reader's shoulder.
  read(watched(structuredClone(settings), '', seen));
  const unread: string[] = [];
  collect(settings, { path: '', seen, unread });
  return unread.slice(0, FIELDS_TOLD_MAX);
}

function watched(value: unknown, path: string, seen: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      const found: unknown = Reflect.get(target, key);
      if (typeof key !== 'string' || !Object.hasOwn(target, key)) return found;
      const at = below(path, key, Array.isArray(target));
      seen.add(at);
      return watched(found, at, seen);
    },
    has(target, key) {
      if (typeof key === 'string') seen.add(below(path, key, Array.isArray(target)));
      return Reflect.has(target, key);
    },
  });
}

function below(path: string, key: string, isList: boolean): string {
  if (isList) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

function collect(
  value: unknown,
  found: { readonly path: string; readonly seen: ReadonlySet<string>; readonly unread: string[] },
): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value) as [string, unknown][]) {
    const path = below(found.path, key, Array.isArray(value));
    if (found.seen.has(path)) collect(child, { ...found, path });
    else found.unread.push(path);
  }
}
