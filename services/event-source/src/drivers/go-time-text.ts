import { goValueText } from '@argosy/lang';

/** Go's zero time, which it prints for a time that nobody set. */
const ZERO = '0001-01-01 00:00:00 +0000 UTC';

/** A time in UTC as Go's `Time.String` prints it. @param atMs Unix milliseconds; undefined: no time */
export function goTimeText(atMs: number | undefined): string {
  return atMs === undefined ? ZERO : goValueText(new Date(atMs));
}

/** A time in UTC as Go writes it in JSON: RFC 3339 without zeros at the end of its fraction. */
export function goRfc3339Text(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.?0*Z$/, 'Z');
}
