import { formatVerb, type VerbFlags } from './verb.ts';

export type { PrintfValue } from './verb.ts';
import type { PrintfValue } from './verb.ts';

/** The widest field and the finest precision taken from a format; Go's own bound. */
export const PRINTF_WIDTH_MAX = 1_000_000;

/** Most UTF-16 units that widths and precisions of one format may ask for in all. */
export const PRINTF_PADDING_UNITS_MAX = 16 * 1024 * 1024;

const DIRECTIVE = /%([-+# 0]*)(\d+|\*)?(\.(?:\d*|\*))?(.|$)/gsu;

/**
 * Go's fmt.Sprintf for ints (`bigint`), floats (`number`), booleans and texts: all verbs with flags, width
 * and precision. What does not fit is written into the text as Go does (`%!d(string=x)`); values left
 * over give `%!(EXTRA …)`. Explicit argument indexes (`%[1]d`) are not known.
 */
export function goPrintf(format: string, ...values: readonly PrintfValue[]): string {
  let used = 0;
  let padding = 0;
  const next = (): PrintfValue | undefined => {
    used += 1;
    return values[used - 1];
  };
  const text = format.replace(DIRECTIVE, (...match: (string | undefined)[]) => {
    padding += paddingOf(match);
    if (padding > PRINTF_PADDING_UNITS_MAX) return `%!${match[4] ?? ''}(BADWIDTH)`;
    return printDirective(match, next);
  });
  if (used >= values.length) return text;
  const extra = values.slice(used).map((value) => formatVerb('v', value, NO_FLAGS));
  const typed = extra.map((shown, index) => `${typeOf(values[used + index] ?? null)}=${shown}`);
  return `${text}%!(EXTRA ${typed.join(', ')})`;
}

/** The characters that width and precision ask for. */
function paddingOf([, , width = '', precision = '']: readonly (string | undefined)[]): number {
  const asked = Math.max(Number(width) || 0, Number(precision.slice(1)) || 0);
  return Math.min(asked, PRINTF_WIDTH_MAX);
}

/** Prints one directive: the whole of it, its flags, width, precision and verb. */
function printDirective(
  match: readonly (string | undefined)[],
  next: () => PrintfValue | undefined,
): string {
  const [, flags = '', width = '', precision = '', verb = ''] = match;
  if (verb === '') return '%!(NOVERB)';
  if (verb === '%') return '%';
  if (width === '*' || precision === '.*') return `%!${verb}(BADWIDTH)`;
  const value = next();
  if (value === undefined) return `%!${verb}(MISSING)`;
  return formatVerb(verb, value, readFlags(flags, width, precision));
}

const NO_FLAGS: VerbFlags = {
  minus: false,
  plus: false,
  sharp: false,
  space: false,
  zero: false,
  width: 0,
  precision: undefined,
};

function readFlags(flags: string, width: string, precision: string): VerbFlags {
  const minus = flags.includes('-');
  return {
    minus,
    plus: flags.includes('+'),
    sharp: flags.includes('#'),
    space: flags.includes(' '),
    zero: flags.includes('0') && !minus,
    width: Math.min(PRINTF_WIDTH_MAX, Number(width)),
    // A lone point is a precision of 0.
    precision:
      precision === '' ? undefined : Math.min(PRINTF_WIDTH_MAX, Number(precision.slice(1))),
  };
}

/** Go's name of a value's type. */
export function typeOf(value: PrintfValue): string {
  if (value === null) return '<nil>';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}
