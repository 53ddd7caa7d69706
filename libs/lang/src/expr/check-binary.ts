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

/** The type a binary operator gives, or undefined when these types do not go together. */
export function binaryType(
  operator: string,
  left: StaticType,
  right: StaticType,
): StaticType | undefined {
  switch (operator) {
    case '==':
    case '!=':
      return areComparable(left, right) ? TYPES.bool : undefined;
    case '&&':
    case 'and':
    case '||':
    case 'or':
      return areOf(['bool'], left, right) ? TYPES.bool : undefined;
    case '<':
    case '<=':
    case '>':
    case '>=':
      return areOrdered(left, right) ? TYPES.bool : undefined;
    case '??':
      return coalescedType(left, right);
    case 'matches':
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return areOf(['string', 'bytes'], left, right) ? TYPES.bool : undefined;
    case '..':
      return areOf(['int'], left, right) ? { kind: 'list', item: TYPES.int } : undefined;
    default:
      return arithmeticType(operator, left, right);
  }
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
  operator: string,
  left: StaticType,
  right: StaticType,
): StaticType | undefined {
  if (operator === '/' || operator === '**' || operator === '^') {
    return areOf(NUMBERS, left, right) ? TYPES.float : undefined;
  }
  if (operator === '%') return areOf(['int'], left, right) ? TYPES.int : undefined;
  if (isNumberType(left) && isNumberType(right)) {
    return left.kind === 'int' && right.kind === 'int' ? TYPES.int : TYPES.float;
  }
  if (left.kind === 'any' || right.kind === 'any') {
    const known = left.kind === 'any' ? right : left;
    const allowed = ADDABLE[operator] ?? [];
    return known.kind === 'any' || allowed.includes(known.kind) ? TYPES.any : undefined;
  }
  return RESULTS.get(`${left.kind} ${operator} ${right.kind}`);
}

const ADDABLE: Readonly<Record<string, readonly Kind[]>> = {
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
