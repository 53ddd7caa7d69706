import { formatGoTime, zoneOf } from '../gotime/index.ts';

/** The letters Argo's strftime knows, with Go's layout for each. */
const LAYOUTS: Readonly<Record<string, string>> = {
  B: 'January',
  b: 'Jan',
  m: '01',
  A: 'Monday',
  a: 'Mon',
  d: '02',
  H: '15',
  I: '03',
  M: '04',
  S: '05',
  Y: '2006',
  y: '06',
  p: 'PM',
  Z: 'MST',
  z: '-0700',
  L: '.000',
};

/** The letters `x` for which `workflow.creationTimestamp.x` and `%x` have a meaning. */
export const STRFTIME_LETTERS: readonly string[] = Object.keys(LAYOUTS);

/**
 * Prints a time (ms since 1970, in UTC) through a strftime format: `%Y-%m-%d`. Unknown letters stay as
 * they are, `%%` is a percent sign, and a lone percent sign at the end is itself.
 */
export function strftime(format: string, epochMs: number): string {
  const zone = zoneOf('UTC');
  if (zone === undefined) return format;
  return format.replace(/%(.)/gsu, (whole, letter: string) => {
    if (letter === '%') return '%';
    const layout = Object.hasOwn(LAYOUTS, letter) ? LAYOUTS[letter] : undefined;
    return layout === undefined ? whole : formatGoTime(layout, epochMs, zone);
  });
}
