import { parseArgoDuration } from '@argosy/base';
import type { Value, ValueMap } from './format.ts';

/** A value as the workflow sees it: texts are all there is; what is none counts as its JSON. */
export function textOf(value: Value): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function textsOf(values: ValueMap = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, textOf(value)]));
}

/** Milliseconds. The schema has let nothing else through than a duration or a number of seconds. */
export function durationMsOf(duration: string | number): number {
  const parsed = parseArgoDuration(String(duration));
  // A fraction of a second as a number is no Go duration.
  return parsed.ok ? parsed.value : Number(duration) * 1_000;
}

/** Whether a name has the form of a pattern, in which `*` stands for any text, also none. */
export function matchesGlob(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === name;
  const [first = '', ...middle] = parts;
  const last = middle.pop() ?? '';
  if (name.length < first.length + last.length) return false;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  const end = name.length - last.length;
  for (const part of middle) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** Whether a text is what was expected: the same, or found by the regular expression between slashes. */
export function matchesText(wanted: string, found: string): boolean {
  const pattern = regularExpression(wanted);
  return pattern === undefined ? wanted === found : new RegExp(pattern, 's').test(found);
}

/** What stands between slashes; undefined for a plain text. */
export function regularExpression(wanted: string): string | undefined {
  return wanted.length > 2 && wanted.startsWith('/') && wanted.endsWith('/')
    ? wanted.slice(1, -1)
    : undefined;
}
