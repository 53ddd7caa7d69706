/**
 * Builds the variables of expression tags from dotted names: `{'inputs.parameters.a-b': '1'}` becomes
 * `{inputs: {parameters: {'a-b': '1'}}}`. Where one name is the beginning of another
 * (`workflow.parameters` and `workflow.parameters.x`), only the longer one counts, as in Argo.
 */
export function envFromNames(names: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  // Objects made here are branches; an object that came as a value is not.
  const branches = new Set<unknown>();
  const branch = (): Branch => {
    const made = Object.create(null) as Branch;
    branches.add(made);
    return made;
  };
  const branchOf = (at: Branch, key: string): Branch => {
    const existing = at[key];
    if (branches.has(existing)) return existing as Branch;
    return (at[key] = branch());
  };
  const root = branch();
  for (const [name, value] of names) {
    let at = root;
    let from = 0;
    for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', from)) {
      at = branchOf(at, name.slice(from, dot));
      from = dot + 1;
    }
    const last = name.slice(from);
    if (!branches.has(at[last])) at[last] = value;
  }
  return root;
}

type Branch = Record<string, unknown>;
