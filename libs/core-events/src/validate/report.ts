import { formatPath, type FieldPath, type Problem } from '@argosy/model';

/** A part of a manifest whose shape is not yet known. */
export type Fields = Readonly<Record<string, unknown>>;

/** Collects problems; each names its field. */
export interface Report {
  readonly problems: Problem[];
  error(message: string, path: FieldPath): void;
}

/** A fresh report. */
export function createReport(): Report {
  const problems: Problem[] = [];
  return {
    problems,
    error: (message, path) => {
      problems.push({ message, path: formatPath(path), severity: 'error' });
    },
  };
}

/** The value as an object; anything else has no fields. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The value as a list; anything else is empty. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as text; numbers as they print; anything else is ''. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : '';
}

/** Go's zero value: absent, '', 0, false, an empty list; an empty object counts as given. */
export function isUnset(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  return value === 0 || (Array.isArray(value) && value.length === 0);
}

/** True when the field is present with anything but null. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
