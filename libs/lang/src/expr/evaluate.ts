import { failLang } from '../error.ts';
import { callBuiltin } from './builtins.ts';
import { evaluateBinary } from './evaluate-binary.ts';
import { fetchMember, sliceValue, toInteger } from './fetch.ts';
import { callFunction, FUNCTION_NAMESPACES } from './functions.ts';
import type { ExprNode, NodeOf } from './node.ts';
import type { ExprScope } from './scope.ts';
import { goTypeName, newMap } from './value.ts';
import { isNil } from './compare.ts';

/** Given by a member of a chain whose target is missing; the chain turns it into nil. */
const SKIP: unique symbol = Symbol('skip');

type Evaluators = {
  readonly [Kind in ExprNode['kind']]: (node: NodeOf<Kind>, scope: ExprScope) => unknown;
};

const EVALUATORS: Evaluators = {
  Literal: (node) => node.value,
  Identifier: evaluateIdentifier,
  Member: evaluateMember,
  Chain: (node, scope) => {
    const value = evaluateNode(node.node, scope);
    return value === SKIP ? null : value;
  },
  Slice: evaluateSlice,
  Unary: evaluateUnary,
  Binary: (node, scope) => evaluateBinary(node, scope, evaluateNode),
  Conditional: (node, scope) =>
    evaluateNode(isTrue(node, scope) ? node.whenTrue : node.whenFalse, scope),
  Array: (node, scope) => node.items.map((item) => evaluateNode(item, scope)),
  Map: evaluateMap,
  Call: evaluateCall,
  Builtin: (node, scope) => callBuiltin(node, scope, evaluateNode),
  Predicate: (node, scope) => evaluateNode(node.body, scope),
  Pointer: evaluatePointer,
  Let: evaluateLet,
  Sequence: (node, scope) => {
    let value: unknown = null;
    for (const each of node.nodes) value = evaluateNode(each, scope);
    return value;
  },
};

/** Evaluates one node and all it needs. Throws LangFailure. */
export function evaluateNode(node: ExprNode, scope: ExprScope): unknown {
  scope.spend(1);
  // The table maps each kind to the function for that kind, which TypeScript cannot follow.
  const evaluate = EVALUATORS[node.kind] as (node: ExprNode, scope: ExprScope) => unknown;
  return evaluate(node, scope);
}

function evaluateIdentifier(node: NodeOf<'Identifier'>, scope: ExprScope): unknown {
  for (let index = scope.locals.length - 1; index >= 0; index -= 1) {
    const local = scope.locals[index];
    if (local?.name === node.name) return local.value;
  }
  if (node.name === '$env') return scope.env;
  if (Object.hasOwn(scope.env, node.name)) return scope.env[node.name] ?? null;
  const namespace = FUNCTION_NAMESPACES[node.name];
  if (namespace !== undefined) return namespace;
  return failLang('Unresolved', `unknown name ${node.name}`, node.offset);
}

function evaluateMember(node: NodeOf<'Member'>, scope: ExprScope): unknown {
  const target = evaluateNode(node.target, scope);
  if (target === SKIP) return SKIP;
  if (node.optional && isNil(target)) return SKIP;
  return fetchMember(target, evaluateNode(node.property, scope), node.offset);
}

function evaluateSlice(node: NodeOf<'Slice'>, scope: ExprScope): unknown {
  const target = evaluateNode(node.target, scope);
  if (target === SKIP) return SKIP;
  const from = node.from === undefined ? 0n : toInteger(evaluateNode(node.from, scope));
  const to = node.to === undefined ? undefined : toInteger(evaluateNode(node.to, scope));
  return sliceValue(target, from, to, node.offset);
}

function evaluateUnary(node: NodeOf<'Unary'>, scope: ExprScope): unknown {
  const value = evaluateNode(node.operand, scope);
  if (node.operator === '!' || node.operator === 'not') {
    if (typeof value === 'boolean') return !value;
  } else if (typeof value === 'number') {
    return node.operator === '-' ? -value : value;
  } else if (typeof value === 'bigint') {
    return node.operator === '-' ? BigInt.asIntN(64, -value) : value;
  }
  const sentence = `invalid operation: ${node.operator} ${goTypeName(value)}`;
  return failLang('Evaluation', sentence, node.offset);
}

function isTrue(node: NodeOf<'Conditional'>, scope: ExprScope): boolean {
  const value = evaluateNode(node.condition, scope);
  if (typeof value === 'boolean') return value;
  const sentence = `non-bool expression (type ${goTypeName(value)}) used as condition`;
  return failLang('Evaluation', sentence, node.offset);
}

function evaluateMap(node: NodeOf<'Map'>, scope: ExprScope): unknown {
  const map = newMap();
  for (const pair of node.pairs) {
    const key = evaluateNode(pair.key, scope);
    if (typeof key !== 'string') {
      const sentence = `a map key must be a string, not ${goTypeName(key)}`;
      return failLang('Evaluation', sentence, node.offset);
    }
    map[key] = evaluateNode(pair.value, scope);
  }
  return map;
}

function evaluateCall(node: NodeOf<'Call'>, scope: ExprScope): unknown {
  const { callee } = node;
  if (callee.kind === 'Identifier') {
    const args = node.args.map((arg) => evaluateNode(arg, scope));
    return callFunction(callee.name, args, scope, node.offset);
  }
  const called = evaluateNode(callee, scope);
  if (called === SKIP) return SKIP;
  const args = node.args.map((arg) => evaluateNode(arg, scope));
  if (typeof called !== 'function') {
    return failLang('Evaluation', `${goTypeName(called)} is not callable`, node.offset);
  }
  return callFunction(called as (args: readonly unknown[]) => unknown, args, scope, node.offset);
}

function evaluatePointer(node: NodeOf<'Pointer'>, scope: ExprScope): unknown {
  const pointer = scope.pointers.at(-1);
  if (pointer === undefined) {
    return failLang('Evaluation', 'cannot use pointer accessor outside predicate', node.offset);
  }
  if (node.name === '') return pointer.item;
  if (node.name === 'index') return BigInt(pointer.index);
  if (node.name === 'acc') return pointer.acc;
  return failLang('Evaluation', `unknown pointer #${node.name}`, node.offset);
}

function evaluateLet(node: NodeOf<'Let'>, scope: ExprScope): unknown {
  scope.locals.push({ name: node.name, value: evaluateNode(node.value, scope) });
  const value = evaluateNode(node.body, scope);
  scope.locals.pop();
  return value;
}
