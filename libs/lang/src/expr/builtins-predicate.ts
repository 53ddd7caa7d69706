import { utf8Bytes } from '../bytes/index.ts';
import { failLang } from '../error.ts';
import { arithmetic } from './arithmetic.ts';
import { compareValues } from './compare.ts';
import type { ExprNode, NodeOf } from './node.ts';
import type { ExprScope, PredicateItem } from './scope.ts';
import { goTypeName, isList, isMap } from './value.ts';

/** A loop over a list: its items, and the predicate applied to one of them. */
interface Loop {
  readonly node: NodeOf<'Builtin'>;
  readonly list: readonly unknown[];
  /** The predicate's value on the item at an index. */
  readonly at: (index: number) => unknown;
  /** The same where it must be a boolean. */
  readonly test: (index: number) => boolean;
  readonly pointer: PredicateItem;
}

type Evaluate = (node: ExprNode, scope: ExprScope) => unknown;
type LoopFunction = (loop: Loop, scope: ExprScope, evaluate: Evaluate) => unknown;

const LOOPS: Readonly<Record<string, LoopFunction>> = {
  all: (loop) => loop.list.every((_item, index) => loop.test(index)),
  any: (loop) => loop.list.some((_item, index) => loop.test(index)),
  none: (loop) => !loop.list.some((_item, index) => loop.test(index)),
  one: (loop) => loop.list.filter((_item, index) => loop.test(index)).length === 1,
  filter: (loop) => loop.list.filter((_item, index) => loop.test(index)),
  map: (loop) => loop.list.map((_item, index) => loop.at(index)),
  count: (loop) => BigInt(loop.list.filter((_item, index) => loop.test(index)).length),
  sum: (loop) =>
    loop.list.reduce<unknown>((total, _item, index) => arithmetic('+', total, loop.at(index)), 0n),
  find: (loop) => loop.list.find((_item, index) => loop.test(index)) ?? null,
  findIndex: (loop) => indexOrNil(loop.list.findIndex((_item, index) => loop.test(index))),
  findLast: (loop) => loop.list.findLast((_item, index) => loop.test(index)) ?? null,
  findLastIndex: (loop) => indexOrNil(loop.list.findLastIndex((_item, index) => loop.test(index))),
  groupBy,
  sortBy,
  reduce,
};

function indexOrNil(index: number): bigint | null {
  return index === -1 ? null : BigInt(index);
}

/** Calls `all`, `map`, `groupBy` and the other built-ins that apply a predicate to each item. */
export function callPredicateBuiltin(
  node: NodeOf<'Builtin'>,
  scope: ExprScope,
  evaluate: Evaluate,
): unknown {
  const [source, predicate] = node.args;
  const given = source === undefined ? null : evaluate(source, scope);
  // A text is a list of its bytes where its type was not known beforehand.
  const list = typeof given === 'string' ? Array.from(utf8Bytes(given), BigInt) : given;
  if (!isList(list)) {
    const sentence = `builtin ${node.name} takes only array (got ${goTypeName(list)})`;
    return failLang('Evaluation', sentence, node.offset);
  }
  const pointer: PredicateItem = { item: null, index: 0, acc: null };
  const at = (index: number): unknown => {
    pointer.item = list[index] ?? null;
    pointer.index = index;
    return predicate === undefined ? pointer.item : evaluate(predicate, scope);
  };
  const test = (index: number): boolean => {
    const value = at(index);
    if (typeof value === 'boolean') return value;
    const sentence = `predicate should return boolean (got ${goTypeName(value)})`;
    return failLang('Evaluation', sentence, node.offset);
  };
  scope.pointers.push(pointer);
  scope.spend(list.length);
  const loop = LOOPS[node.name];
  const value = loop?.({ node, list, at, test, pointer }, scope, evaluate);
  scope.pointers.pop();
  return value;
}

function groupBy(loop: Loop): unknown {
  const groups = new Map<unknown, unknown[]>();
  for (const [index, item] of loop.list.entries()) {
    const key = loop.at(index);
    // Go keeps the groups in a map, whose keys cannot be lists or maps.
    if (isList(key) || isMap(key) || key instanceof Uint8Array) {
      failLang('Evaluation', `cannot group by ${goTypeName(key)}`, loop.node.offset);
    }
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function sortBy(loop: Loop, scope: ExprScope, evaluate: Evaluate): unknown {
  const keyed = loop.list.map((item, index) => ({ item, key: loop.at(index) }));
  const orderNode = loop.node.args[2];
  const order = orderNode === undefined ? 'asc' : evaluate(orderNode, scope);
  const sign = orderSign(order, loop.node.offset);
  keyed.sort((left, right) => sign * compareValues(left.key, right.key, '<'));
  return keyed.map((each) => each.item);
}

/** 1 for ascending, -1 for descending. */
export function orderSign(order: unknown, offset?: number): 1 | -1 {
  if (order === 'asc') return 1;
  if (order === 'desc') return -1;
  const shown = typeof order === 'string' ? order : goTypeName(order);
  return failLang('Evaluation', `unknown order, use asc or desc (got ${shown})`, offset);
}

function reduce(loop: Loop, scope: ExprScope, evaluate: Evaluate): unknown {
  const { pointer, node } = loop;
  const start = node.args[2];
  let from = 0;
  if (start === undefined) {
    if (loop.list.length === 0) {
      return failLang('Evaluation', 'reduce of empty array with no initial value', node.offset);
    }
    pointer.acc = loop.list[0];
    from = 1;
  } else {
    pointer.acc = evaluate(start, scope);
  }
  for (let index = from; index < loop.list.length; index += 1) pointer.acc = loop.at(index);
  return pointer.acc;
}
