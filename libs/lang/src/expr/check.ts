import { failLang } from '../error.ts';
import { binaryType, listType, membershipProblem } from './check-binary.ts';
import { builtinType } from './check-builtin.ts';
import { BUILTIN_NAMES } from './builtin-names.ts';
import { isFunctionNameOrGroup } from './functions.ts';
import type { ExprNode, NodeOf } from './node.ts';
import {
  isNumberType,
  isSameType,
  LIST_OF_ANY,
  MAP_OF_ANY,
  staticTypeOf,
  TYPES,
  typeText,
  type StaticType,
} from './static-type.ts';

/** What the check knows at a place in the tree. */
export interface CheckScope {
  readonly env: Readonly<Record<string, unknown>>;
  readonly locals: { readonly name: string; readonly type: StaticType }[];
  /** Types of the items enclosing predicates look at, innermost last. */
  readonly items: { readonly type: StaticType; readonly builtin: string }[];
}

type Checkers = {
  readonly [Kind in ExprNode['kind']]: (node: NodeOf<Kind>, scope: CheckScope) => StaticType;
};

const CHECKERS: Checkers = {
  Literal: (node) => staticTypeOf(node.value),
  Identifier: identifierType,
  Member: memberType,
  Chain: (node, scope) => typeOfNode(node.node, scope),
  Slice: sliceType,
  Unary: unaryType,
  Binary: checkedBinaryType,
  Conditional: conditionalType,
  Array: (node, scope) => listType(node.items.map((item) => typeOfNode(item, scope))),
  Map: (node, scope) => {
    for (const { key, value } of node.pairs) {
      typeOfNode(key, scope);
      typeOfNode(value, scope);
    }
    return MAP_OF_ANY;
  },
  Call: callType,
  Builtin: (node, scope) => builtinType(node, scope, typeOfNode),
  Predicate: (node, scope) => typeOfNode(node.body, scope),
  Pointer: pointerType,
  Let: letType,
  Sequence: (node, scope) => {
    let last = TYPES.any;
    for (const each of node.nodes) last = typeOfNode(each, scope);
    return last;
  },
};

/**
 * Refuses what Go refuses when it compiles an expression for these variables, even where evaluation
 * would never get there: kinds that do not go together, as `retries == 1` where retries is a text.
 * Throws LangFailure.
 */
export function checkTypes(root: ExprNode, env: Readonly<Record<string, unknown>>): void {
  typeOfNode(root, { env, locals: [], items: [] });
}

function typeOfNode(node: ExprNode, scope: CheckScope): StaticType {
  // The table maps each kind to the function for that kind, which TypeScript cannot follow.
  const check = CHECKERS[node.kind] as (node: ExprNode, scope: CheckScope) => StaticType;
  return check(node, scope);
}

/** `#index` exists in map and reduce only, `#acc` in reduce only. */
function pointerType(node: NodeOf<'Pointer'>, scope: CheckScope): StaticType {
  const item = scope.items.at(-1);
  if (node.name === '') return item?.type ?? TYPES.any;
  const isReduce = item?.builtin === 'reduce';
  if (node.name === 'index' && (isReduce || item?.builtin === 'map')) return TYPES.int;
  if (node.name === 'acc' && isReduce) return TYPES.any;
  return refuse(`unknown pointer #${node.name}`, node.offset);
}

function identifierType(node: NodeOf<'Identifier'>, scope: CheckScope): StaticType {
  const local = scope.locals.findLast((each) => each.name === node.name);
  if (local !== undefined) return local.type;
  return Object.hasOwn(scope.env, node.name) ? staticTypeOf(scope.env[node.name]) : TYPES.any;
}

function memberType(node: NodeOf<'Member'>, scope: CheckScope): StaticType {
  if (node.target.kind === 'Identifier' && node.target.name === '$env') {
    return environmentMember(node, scope);
  }
  const target = typeOfNode(node.target, scope);
  const property = typeOfNode(node.property, scope);
  const [wanted, found] = [typeText(property), typeText(target)];
  switch (target.kind) {
    case 'any':
    case 'time':
    case 'duration':
      return TYPES.any;
    case 'map': {
      const fits = isAnyOr('string', property) || target.key === 'any';
      return fits
        ? target.value
        : refuse(`cannot use ${wanted} to get an element from ${found}`, node.offset);
    }
    case 'list':
      if (isAnyOr('int', property)) return target.item;
      return refuse(
        `array elements can only be selected using an integer (got ${wanted})`,
        node.offset,
      );
    default:
      return refuse(noMember(node, found, wanted), node.offset);
  }
}

function isAnyOr(kind: 'int' | 'string', type: StaticType): boolean {
  return type.kind === 'any' || type.kind === kind;
}

function noMember(node: NodeOf<'Member'>, target: string, property: string): string {
  const name = node.property.kind === 'Literal' ? node.property.value : undefined;
  if (typeof name === 'string') return `type ${target} has no field ${name}`;
  return `type ${target}[${property}] is undefined`;
}

function environmentMember(node: NodeOf<'Member'>, scope: CheckScope): StaticType {
  if (node.property.kind !== 'Literal' || typeof node.property.value !== 'string') return TYPES.any;
  const name = node.property.value;
  if (Object.hasOwn(scope.env, name)) return staticTypeOf(scope.env[name]);
  if (node.optional) return TYPES.any;
  return failLang('Unresolved', `unknown name ${name}`, node.offset);
}

function sliceType(node: NodeOf<'Slice'>, scope: CheckScope): StaticType {
  const target = typeOfNode(node.target, scope);
  const sliceable = ['any', 'string', 'list', 'bytes'].includes(target.kind);
  if (!sliceable) return refuse(`cannot slice ${typeText(target)}`, node.offset);
  for (const bound of [node.from, node.to]) {
    const type = bound === undefined ? TYPES.any : typeOfNode(bound, scope);
    if (type.kind === 'any' || type.kind === 'int' || target.kind === 'any') continue;
    return refuse(`non-integer slice index ${typeText(type)}`, node.offset);
  }
  return target;
}

function unaryType(node: NodeOf<'Unary'>, scope: CheckScope): StaticType {
  const type = typeOfNode(node.operand, scope);
  const isNot = node.operator === '!' || node.operator === 'not';
  if (type.kind === 'any') return isNot ? TYPES.bool : TYPES.any;
  if (isNot ? type.kind === 'bool' : isNumberType(type)) return type;
  const sentence = `invalid operation: ${node.operator} (mismatched type ${typeText(type)})`;
  return refuse(sentence, node.offset);
}

function checkedBinaryType(node: NodeOf<'Binary'>, scope: CheckScope): StaticType {
  const left = typeOfNode(node.left, scope);
  const right = typeOfNode(node.right, scope);
  if (node.operator === 'in') {
    const problem = membershipProblem(left, right);
    return problem === undefined ? TYPES.bool : refuse(problem, node.offset);
  }
  const type = binaryType(node.operator, left, right);
  if (type !== undefined) return type;
  const types = `mismatched types ${typeText(left)} and ${typeText(right)}`;
  return refuse(`invalid operation: ${node.operator} (${types})`, node.offset);
}

function conditionalType(node: NodeOf<'Conditional'>, scope: CheckScope): StaticType {
  const condition = typeOfNode(node.condition, scope);
  if (condition.kind !== 'bool' && condition.kind !== 'any') {
    const sentence = `non-bool expression (type ${typeText(condition)}) used as condition`;
    return refuse(sentence, node.offset);
  }
  const whenTrue = typeOfNode(node.whenTrue, scope);
  const whenFalse = typeOfNode(node.whenFalse, scope);
  if (whenTrue.kind === 'nil') return whenFalse;
  if (whenFalse.kind === 'nil' || isSameType(whenTrue, whenFalse)) return whenTrue;
  return whenTrue.kind === 'list' && whenFalse.kind === 'list' ? LIST_OF_ANY : TYPES.any;
}

function callType(node: NodeOf<'Call'>, scope: CheckScope): StaticType {
  for (const arg of node.args) typeOfNode(arg, scope);
  if (node.callee.kind !== 'Identifier') typeOfNode(node.callee, scope);
  else if (node.callee.name === 'toJson') return TYPES.string;
  return TYPES.any;
}

function letType(node: NodeOf<'Let'>, scope: CheckScope): StaticType {
  const { name, offset } = node;
  if (Object.hasOwn(scope.env, name) || isFunctionNameOrGroup(name)) {
    return refuse(`cannot redeclare ${name}`, offset);
  }
  if (BUILTIN_NAMES.has(name)) return refuse(`cannot redeclare builtin ${name}`, offset);
  if (scope.locals.some((local) => local.name === name)) {
    return refuse(`cannot redeclare variable ${name}`, offset);
  }
  scope.locals.push({ name, type: typeOfNode(node.value, scope) });
  const type = typeOfNode(node.body, scope);
  scope.locals.pop();
  return type;
}

function refuse(message: string, offset: number): never {
  return failLang('Evaluation', message, offset);
}
