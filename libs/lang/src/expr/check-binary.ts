import {
  isNumberType,
  isSameType,
  LIST_OF_ANY,
  TYPES,
  typeText,
  type StaticType,
} from './static-type.ts';

type Kind = StaticType['kind'];

const NUMBERS: readonly Kind[] = ['int', 'float'];
const ORDERED: readonly Kind[] = ['int', 'float', 'string', 'time', 'duration'];

type Rule = (left: StaticType, right: StaticType) => StaticType | undefined;

const when = (holds: boolean, type: StaticType): StaticType | undefined =>
  holds ? type : undefined;
const comparison: Rule = (left, right) => when(areComparable(left, right), TYPES.bool);
const ordering: Rule = (left, right) => when(areOrdered(left, right), TYPES.bool);
const logic: Rule = (left, right) => when(areOf(['bool'], left, right), TYPES.bool);
const matching: Rule = (left, right) => when(areOf(['string', 'bytes'], left, right), TYPES.bool);
const floating: Rule = (left, right) => when(areOf(NUMBERS, left, right), TYPES.float);

const RULES: Readonly<Record<string, Rule>> = {
  '==': comparison,
  '!=': comparison,
  '&&': logic,
  and: logic,
  '||': logic,
  or: logic,
  '<': ordering,
  '<=': ordering,
  '>': ordering,
  '>=': ordering,
  '??': coalescedType,
  matches: matching,
  contains: matching,
  startsWith: matching,
  endsWith: matching,
  '..': (left, right) => when(areOf(['int'], left, right), { kind: 'list', item: TYPES.int }),
  '/': floating,
  '**': floating,
  '^': floating,
  '%': (left, right) => when(areOf(['int'], left, right), TYPES.int),
  '+': (left, right) => arithmeticType('+', left, right),
  '-': (left, right) => arithmeticType('-', left, right),
  '*': (left, right) => arithmeticType('*', left, right),
};

/** The type a binary operator gives, or undefined when these types do not go together. */
export function binaryType(
  operator: string,
  left: StaticType,
  right: StaticType,
): StaticType | undefined {
  return RULES[operator]?.(left, right);
}

/** Both of one of the kinds, or one of them and the other unknown, or both unknown. */
function areOf(kinds: readonly Kind[], left: StaticType, right: StaticType): boolean {
  const fits = (type: StaticType): boolean => type.kind === 'any' || kinds.includes(type.kind);
  return fits(left) && fits(right);
}

/** Whether two types may be compared with `==`. */
export function areComparable(left: StaticType, right: StaticType): boolean {
  if (left.kind === 'any' || right.kind === 'any') return true;
  if (left.kind === 'nil' || right.kind === 'nil') return true;
  return left.kind === right.kind || (isNumberType(left) && isNumberType(right));
}

function areOrdered(left: StaticType, right: StaticType): boolean {
  if (!areOf(ORDERED, left, right)) return false;
  return left.kind === 'nil' || right.kind === 'nil' ? false : areComparable(left, right);
}

function coalescedType(left: StaticType, right: StaticType): StaticType {
  if (left.kind === 'nil') return right;
  if (right.kind === 'nil') return left;
  return isSameType(left, right) ? left : TYPES.any;
}

function arithmeticType(
  operator: '+' | '-' | '*',
  left: StaticType,
  right: StaticType,
): StaticType | undefined {
  if (isNumberType(left) && isNumberType(right)) {
    return left.kind === 'int' && right.kind === 'int' ? TYPES.int : TYPES.float;
  }
  const known = left.kind === 'any' ? right : left;
  if (left.kind === 'any' || right.kind === 'any') {
    const fits = known.kind === 'any' || ADDABLE[operator].includes(known.kind);
    return when(fits, TYPES.any);
  }
  return RESULTS.get(`${left.kind} ${operator} ${right.kind}`);
}

const ADDABLE: Readonly<Record<'+' | '-' | '*', readonly Kind[]>> = {
  '+': [...NUMBERS, 'string', 'time', 'duration'],
  '-': [...NUMBERS, 'time', 'duration'],
  '*': [...NUMBERS, 'duration'],
};

const RESULTS: ReadonlyMap<string, StaticType> = new Map([
  ['string + string', TYPES.string],
  ['time + duration', TYPES.time],
  ['duration + time', TYPES.time],
  ['duration + duration', TYPES.duration],
  ['time - time', TYPES.duration],
  ['time - duration', TYPES.time],
  ['duration - duration', TYPES.duration],
  ['int * duration', TYPES.any],
  ['float * duration', TYPES.any],
  ['duration * int', TYPES.any],
  ['duration * float', TYPES.any],
  ['duration * duration', TYPES.duration],
]);

/** Why `left in right` cannot be, or undefined. */
export function membershipProblem(left: StaticType, right: StaticType): string | undefined {
  const shown = typeText(left);
  switch (right.kind) {
    case 'any':
      return undefined;
    case 'map':
      if (left.kind === 'any' || right.key === 'any' || left.kind === 'string') return undefined;
      return `cannot use ${shown} as type string in map key`;
    case 'list':
      if (areComparable(left, right.item)) return undefined;
      return `cannot use ${shown} as type ${typeText(right.item)} in array`;
    default:
      if (left.kind === 'any' && right.kind === 'string') return undefined;
      return `invalid operation: in (mismatched types ${shown} and ${typeText(right)})`;
  }
}

/** The type of a list literal: of one kind of items, or of anything. */
export function listType(items: readonly StaticType[]): StaticType {
  const [first] = items;
  if (first === undefined || first.kind === 'nil') return LIST_OF_ANY;
  return items.every((item) => item.kind === first.kind)
    ? { kind: 'list', item: first }
    : LIST_OF_ANY;
}
