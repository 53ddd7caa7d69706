import { failJq, preview, type ValueFunction } from './value.ts';

const ofNumber =
  (name: string, work: (value: number) => unknown): ValueFunction =>
  (input) =>
    typeof input === 'number'
      ? work(input)
      : failJq(`${name} cannot be applied to: ${preview(input)}`);

const ofNumbers =
  (name: string, work: (...numbers: readonly number[]) => unknown): ValueFunction =>
  (_, args) =>
    work(
      ...args.map((value) =>
        typeof value === 'number' ? value : failJq(`${name} takes numbers, not ${preview(value)}`),
      ),
    );

const ONE: Readonly<Record<string, (value: number) => unknown>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  round: (value) => Math.sign(value) * Math.round(Math.abs(value)),
  nearbyint: halfToEven,
  rint: halfToEven,
  trunc: Math.trunc,
  fabs: Math.abs,
  abs: Math.abs,
  sqrt: Math.sqrt,
  cbrt: Math.cbrt,
  exp: Math.exp,
  exp2: (value) => 2 ** value,
  exp10: (value) => 10 ** value,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  logb: (value) => Math.floor(Math.log2(Math.abs(value))),
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  isnan: Number.isNaN,
  isinfinite: (value) => Math.abs(value) === Infinity,
  isnormal: (value) => Number.isFinite(value) && Math.abs(value) >= NORMAL_MIN,
  significand: (value) => (value === 0 ? 0 : value / 2 ** Math.floor(Math.log2(Math.abs(value)))),
  frexp: (value) => {
    if (value === 0 || !Number.isFinite(value)) return [value, 0];
    const exponent = Math.floor(Math.log2(Math.abs(value))) + 1;
    return [value / 2 ** exponent, exponent];
  },
  modf: (value) => [value - Math.trunc(value), Math.trunc(value)],
};

/** Smallest positive double that is not subnormal. */
const NORMAL_MIN = 2 ** -1022;

function halfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

const MORE: Readonly<Record<string, (...numbers: readonly number[]) => unknown>> = {
  'pow/2': (base = 0, exponent = 0) => base ** exponent,
  'atan2/2': (y = 0, x = 0) => Math.atan2(y, x),
  'fmod/2': (left = 0, right = 0) => left % right,
  'fmin/2': (left = 0, right = 0) => Math.min(left, right),
  'fmax/2': (left = 0, right = 0) => Math.max(left, right),
  'fdim/2': (left = 0, right = 0) => Math.max(left - right, 0),
  'hypot/2': (left = 0, right = 0) => Math.hypot(left, right),
  'copysign/2': (value = 0, sign = 0) =>
    Math.abs(value) * (Object.is(Math.sign(sign), -1) ? -1 : 1),
  'ldexp/2': (value = 0, exponent = 0) => value * 2 ** exponent,
  'scalb/2': (value = 0, exponent = 0) => value * 2 ** exponent,
  'scalbln/2': (value = 0, exponent = 0) => value * 2 ** exponent,
  'fma/3': (left = 0, right = 0, more = 0) => left * right + more,
};

/** Functions of numbers. Left out: the gamma and Bessel functions. */
export const MATH_FUNCTIONS: Readonly<Record<string, ValueFunction>> = {
  ...Object.fromEntries(
    Object.entries(ONE).map(([name, work]) => [`${name}/0`, ofNumber(name, work)] as const),
  ),
  ...Object.fromEntries(
    Object.entries(MORE).map(
      ([key, work]) => [key, ofNumbers(key.split('/')[0] ?? '', work)] as const,
    ),
  ),
  'infinite/0': () => Infinity,
  'nan/0': () => NaN,
};
