import { plainText } from '../govalue/index.ts';

/** A decimal number: digits × 10^-scale. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** Decimals kept by a division. */
const DIVISION_SCALE = 16;

function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value)) throw new Error(`Cannot create a Decimal from ${String(value)}`);
  const [whole = '0', fraction = ''] = plainText(value).split('.');
  return { digits: BigInt(whole + fraction), scale: fraction.length };
}

function align(left: Decimal, right: Decimal): readonly [bigint, bigint, number] {
  const scale = Math.max(left.scale, right.scale);
  const grown = (value: Decimal): bigint => value.digits * 10n ** BigInt(scale - value.scale);
  return [grown(left), grown(right), scale];
}

function divide(left: Decimal, right: Decimal): Decimal {
  if (right.digits === 0n) throw new Error('decimal division by 0');
  const [a, b] = align(left, right);
  const scaled = a * 10n ** BigInt(DIVISION_SCALE);
  const quotient = scaled / b;
  const rest = scaled % b;
  const absolute = (value: bigint): bigint => (value < 0n ? -value : value);
  const up = absolute(rest) * 2n >= absolute(b);
  const sign = a < 0n === b < 0n ? 1n : -1n;
  return { digits: up ? quotient + sign : quotient, scale: DIVISION_SCALE };
}

function apply(operator: '+' | '-' | '*' | '/', left: Decimal, right: Decimal): Decimal {
  if (operator === '/') return divide(left, right);
  if (operator === '*') {
    return { digits: left.digits * right.digits, scale: left.scale + right.scale };
  }
  const [a, b, scale] = align(left, right);
  return { digits: operator === '+' ? a + b : a - b, scale };
}

/** Folds floats in exact decimal arithmetic, so 0.1 + 0.2 is 0.3; division keeps 16 decimals. */
export function decimalFold(operator: '+' | '-' | '*' | '/', values: readonly number[]): number {
  const [first = 0, ...others] = values;
  const result = others.reduce(
    (sum: Decimal, value) => apply(operator, sum, decimalOf(value)),
    decimalOf(first),
  );
  return Number(`${result.digits}e-${result.scale}`);
}
