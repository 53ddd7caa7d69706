import type { ExprNode } from './node.ts';

/**
 * The names an expression reads: each root identifier, and each path of constant members from it,
 * longest form only under its root (`inputs.parameters.x` gives `inputs`, `inputs.parameters`,
 * `inputs.parameters.x`). Variables made by `let` are left out. Sorted, without repetition.
 */
export function identifierPaths(root: ExprNode): readonly string[] {
  const found = new Set<string>();
  visit(root, new Set(), found);
  return [...found].sort();
}

function visit(node: ExprNode, locals: ReadonlySet<string>, found: Set<string>): void {
  const path = pathOf(node, locals);
  if (path !== undefined) found.add(path);
  if (node.kind === 'Let') {
    visit(node.value, locals, found);
    visit(node.body, new Set([...locals, node.name]), found);
    return;
  }
  for (const child of childrenOf(node)) visit(child, locals, found);
}

function pathOf(node: ExprNode, locals: ReadonlySet<string>): string | undefined {
  if (node.kind === 'Identifier') return locals.has(node.name) ? undefined : node.name;
  if (node.kind === 'Chain') return pathOf(node.node, locals);
  if (node.kind !== 'Member' || node.property.kind !== 'Literal') return undefined;
  const target = pathOf(node.target, locals);
  if (target === undefined || typeof node.property.value !== 'string') return undefined;
  return `${target}.${node.property.value}`;
}

/** The direct parts of a node. */
export function childrenOf(node: ExprNode): readonly ExprNode[] {
  switch (node.kind) {
    case 'Member':
      return [node.target, node.property];
    case 'Binary':
      return [node.left, node.right];
    case 'Conditional':
      return [node.condition, node.whenTrue, node.whenFalse];
    case 'Map':
      return node.pairs.flatMap((pair) => [pair.key, pair.value]);
    case 'Array':
      return node.items;
    case 'Builtin':
      return node.args;
    case 'Sequence':
      return node.nodes;
    default:
      return otherChildren(node);
  }
}

function otherChildren(node: ExprNode): readonly ExprNode[] {
  switch (node.kind) {
    case 'Chain':
      return [node.node];
    case 'Unary':
      return [node.operand];
    case 'Predicate':
      return [node.body];
    case 'Let':
      return [node.value, node.body];
    case 'Slice':
      return [node.target, node.from, node.to].filter((part) => part !== undefined);
    case 'Call':
      // The name of a called function is no variable; the target of a method is.
      return node.callee.kind === 'Identifier' ? node.args : [node.callee, ...node.args];
    default:
      return [];
  }
}
