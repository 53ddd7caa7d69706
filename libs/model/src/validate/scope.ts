/** Names of variables that are known at some place: whole names and open prefixes. */
export interface VariableScope {
  has(name: string): boolean;
  add(...names: readonly string[]): void;
  /** Every name that begins so is known from now on. */
  addPrefix(prefix: string): void;
  /** Takes over what another scope knows of its own. */
  addAll(other: VariableScope): void;
  own(): { readonly names: Iterable<string>; readonly prefixes: Iterable<string> };
  /** A scope that knows these names too, but what is added to it stays its own. */
  child(): VariableScope;
  /** Every whole name known, for "did you mean". */
  names(): Iterable<string>;
}

/** An empty scope, or one on top of another. */
export function createScope(parent?: VariableScope): VariableScope {
  const own = new Set<string>();
  const prefixes = new Set<string>();
  const scope: VariableScope = {
    has(name) {
      if (own.has(name)) return true;
      for (const prefix of prefixes) if (name.startsWith(prefix)) return true;
      return parent?.has(name) ?? false;
    },
    add(...names) {
      for (const name of names) own.add(name);
    },
    addPrefix(prefix) {
      prefixes.add(prefix);
    },
    addAll(other) {
      const { names, prefixes: others } = other.own();
      for (const name of names) own.add(name);
      for (const prefix of others) prefixes.add(prefix);
    },
    own: () => ({ names: own, prefixes }),
    child: () => createScope(scope),
    *names() {
      yield* own;
      if (parent !== undefined) yield* parent.names();
    },
  };
  return scope;
}
