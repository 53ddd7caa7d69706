type JsonValue = unknown;
/** The wanted fields as a tree; a leaf takes everything below it. */
interface FieldTree {
  readonly children: Map<string, FieldTree>;
}

/** Longest list of fields, characters. */
const FIELDS_LENGTH_MAX = 10_000;

/**
 * Argo's `fields` query: `items.metadata.name,items.status.phase` keeps these, `-status.nodes` leaves
 * those out. Lists are passed through: a path names the fields of their items.
 */
export function maskFields(value: JsonValue, fields: string | undefined): JsonValue {
  if (fields === undefined || fields === '' || fields.length > FIELDS_LENGTH_MAX) return value;
  const isExclusion = fields.startsWith('-');
  const tree = treeOf((isExclusion ? fields.slice(1) : fields).split(','));
  return isExclusion ? without(value, tree) : kept(value, tree);
}

/** Whether a list of fields asks for something at or below the path. */
export function asksFor(fields: string | undefined, path: string): boolean {
  if (fields === undefined || fields === '' || fields.startsWith('-')) return false;
  return fields.split(',').some((field) => field === path || field.startsWith(`${path}.`));
}

function treeOf(paths: readonly string[]): FieldTree {
  const root: FieldTree = { children: new Map() };
  for (const path of paths) {
    let at = root;
    for (const part of path.trim().split('.')) {
      const next = at.children.get(part) ?? { children: new Map<string, FieldTree>() };
      at.children.set(part, next);
      at = next;
    }
  }
  return root;
}

function kept(value: JsonValue, tree: FieldTree): JsonValue {
  if (tree.children.size === 0) return value;
  if (Array.isArray(value)) return value.map((item) => kept(item, tree));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, child]) => {
    const below = tree.children.get(key);
    return below === undefined ? [] : [[key, kept(child, below)] as const];
  });
  return Object.fromEntries(entries);
}

function without(value: JsonValue, tree: FieldTree): JsonValue {
  if (Array.isArray(value)) return value.map((item) => without(item, tree));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, child]) => {
    const below = tree.children.get(key);
    if (below === undefined) return [[key, child] as const];
    return below.children.size === 0 ? [] : [[key, without(child, below)] as const];
  });
  return Object.fromEntries(entries);
}
