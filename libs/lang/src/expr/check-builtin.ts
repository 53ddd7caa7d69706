import { failLang } from '../error.ts';
import type { CheckScope } from './check.ts';
import type { ExprNode, NodeOf } from './node.ts';
import { PREDICATE_BUILTINS } from './operators.ts';
import {
  isNumberType,
  isSameType,
  LIST_OF_ANY,
  TYPES,
  typeText,
  type StaticType,
} from './static-type.ts';

type TypeOf = (node: ExprNode, scope: CheckScope) => StaticType;

const STRINGS: StaticType = { kind: 'list', item: TYPES.string };

/** What built-ins give whose result does not hang on their arguments. */
const RESULT_TYPES: Readonly<Record<string, StaticType>> = {
  ...group(TYPES.bool, 'all any none one hasPrefix hasSuffix'),
  ...group(TYPES.int, 'len int indexOf lastIndexOf count findIndex findLastIndex'),
  ...group(TYPES.int, 'bitand bitor bitxor bitnand bitnot bitshl bitshr bitushr'),
  ...group(TYPES.float, 'ceil floor round float'),
  ...group(TYPES.string, 'string type trim trimPrefix trimSuffix upper lower replace repeat join'),
  ...group(TYPES.string, 'toJSON toBase64 fromBase64'),
  ...group(STRINGS, 'split splitAfter'),
  ...group(LIST_OF_ANY, 'keys values toPairs reverse uniq concat flatten sort take'),
  ...group({ kind: 'map', key: 'any', value: TYPES.any }, 'fromPairs'),
  ...group({ kind: 'map', key: 'any', value: LIST_OF_ANY }, 'groupBy'),
  ...group(TYPES.time, 'now date'),
  ...group(TYPES.duration, 'duration'),
};

function group(type: StaticType, names: string): Record<string, StaticType> {
  return Object.fromEntries(names.split(' ').map((name) => [name, type]));
}

/** The type a built-in gives; checks what its arguments' types allow to check. */
export function builtinType(
  node: NodeOf<'Builtin'>,
  scope: CheckScope,
  typeOf: TypeOf,
): StaticType {
  if (PREDICATE_BUILTINS.has(node.name)) return predicateType(node, scope, typeOf);
  const types = node.args.map((arg) => typeOf(arg, scope));
  const first = types[0] ?? TYPES.any;
  checkNumbers(node, types);
  if (AGGREGATES.has(node.name)) return aggregateType(node.name, types);
  switch (node.name) {
    case 'first':
    case 'last':
      return itemType(node, first, `cannot get ${node.name} element from ${typeText(first)}`);
    case 'get':
      return gotType(node, first, types[1] ?? TYPES.any);
    case 'abs':
      return first;
    default:
      return RESULT_TYPES[node.name] ?? TYPES.any;
  }
}

const AGGREGATES: ReadonlySet<string> = new Set(['mean', 'median', 'min', 'max']);

/** Known only where all arguments are numbers: what is inside lists is not looked at. */
function aggregateType(name: string, types: readonly StaticType[]): StaticType {
  const [first = TYPES.any] = types;
  if (!types.every(isNumberType)) return TYPES.any;
  if (name === 'mean' || name === 'median') return TYPES.float;
  return types.every((type) => isSameType(type, first)) ? first : TYPES.any;
}

/** Kinds the number functions and `sort` take; anything unknown may turn out to be one. */
const ACCEPTED: Readonly<Record<string, readonly StaticType['kind'][]>> = {
  ...Object.fromEntries(['abs', 'ceil', 'floor', 'round'].map((name) => [name, ['int', 'float']])),
  ...Object.fromEntries(
    ['min', 'max', 'mean', 'median'].map((name) => [name, ['int', 'float', 'list']]),
  ),
  sort: ['list', 'string'],
};

function checkNumbers(node: NodeOf<'Builtin'>, types: readonly StaticType[]): void {
  const accepted = Object.hasOwn(ACCEPTED, node.name) ? ACCEPTED[node.name] : undefined;
  if (accepted === undefined) return;
  for (const [index, type] of types.entries()) {
    // Only a second argument of sort, its order, is a text.
    const fits = type.kind === 'any' || accepted.includes(type.kind);
    if (fits && !(node.name === 'sort' && index === 0 && type.kind === 'string')) continue;
    refuse(`invalid argument for ${node.name} (type ${typeText(type)})`, node);
  }
}

function itemType(node: NodeOf<'Builtin'>, list: StaticType, problem: string): StaticType {
  return list.kind === 'list' || list.kind === 'any' ? TYPES.any : refuse(problem, node);
}

function gotType(node: NodeOf<'Builtin'>, from: StaticType, key: StaticType): StaticType {
  switch (from.kind) {
    case 'any':
      return TYPES.any;
    case 'list':
      if (key.kind === 'int' || key.kind === 'any') return from.item;
      return refuse(`non-integer slice index ${typeText(key)}`, node);
    case 'map':
      if (key.kind === 'string' || key.kind === 'any' || from.key === 'any') return from.value;
      return refuse(`cannot use ${typeText(key)} to get an element from ${typeText(from)}`, node);
    default:
      return refuse(`type ${typeText(from)} does not support indexing`, node);
  }
}

function predicateType(node: NodeOf<'Builtin'>, scope: CheckScope, typeOf: TypeOf): StaticType {
  const [source, predicate, extra] = node.args;
  const list = source === undefined ? TYPES.any : typeOf(source, scope);
  if (list.kind !== 'list' && list.kind !== 'any') {
    return refuse(`builtin ${node.name} takes only array (got ${typeText(list)})`, node);
  }
  const item = list.kind === 'list' ? list.item : TYPES.any;
  scope.items.push({ type: item, builtin: node.name });
  const body = predicate === undefined ? undefined : typeOf(predicate, scope);
  scope.items.pop();
  if (extra !== undefined) typeOf(extra, scope);
  const needsBoolean = !['map', 'sum', 'groupBy', 'sortBy', 'reduce'].includes(node.name);
  if (needsBoolean && body !== undefined && body.kind !== 'bool' && body.kind !== 'any') {
    return refuse(`predicate should return boolean (got ${typeText(body)})`, node);
  }
  return loopType(node.name, { list, item, body });
}

interface LoopTypes {
  readonly list: StaticType;
  readonly item: StaticType;
  readonly body: StaticType | undefined;
}

function loopType(name: string, types: LoopTypes): StaticType {
  const { list, item, body = TYPES.any } = types;
  switch (name) {
    case 'filter':
    case 'sortBy':
      return list.kind === 'any' ? LIST_OF_ANY : list;
    case 'map':
      return { kind: 'list', item: body };
    case 'find':
    case 'findLast':
      return item;
    case 'sum':
      return types.body ?? item;
    case 'reduce':
      return body;
    default:
      return RESULT_TYPES[name] ?? TYPES.any;
  }
}

function refuse(message: string, node: NodeOf<'Builtin'>): never {
  return failLang('Evaluation', message, node.offset);
}
