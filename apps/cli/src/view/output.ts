import { stringify } from 'yaml';

/** What `-o` takes. */
export const FORMATS = ['json', 'yaml', 'name', 'wide'] as const;

/** How an answer is printed; `table` is the form for people. */
export type OutputFormat = (typeof FORMATS)[number] | 'table';

/** An object as `-o json` or `-o yaml` prints it. */
export function formatObject(value: unknown, format: 'json' | 'yaml'): string {
  return format === 'json'
    ? JSON.stringify(value, undefined, 2)
    : stringify(value, { lineWidth: 0 }).trimEnd();
}

/** Reads JSON bytes of an answer. */
export function parseJsonBytes<T>(bytes: Uint8Array): T {
  return JSON.parse(new TextDecoder().decode(bytes)) as T;
}
