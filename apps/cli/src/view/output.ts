import { ArgosyError } from '@argosy/base';
import { stringify } from 'yaml';

/** What `-o` takes; `table` is the form for people. */
export type OutputFormat = 'table' | 'json' | 'yaml' | 'name' | 'wide';

const FORMATS: readonly string[] = ['json', 'yaml', 'name', 'wide'];

/** @throws ArgosyError INVALID_ARGUMENT that lists the formats. */
export function outputFormat(text: string | undefined): OutputFormat {
  if (text === undefined || text === '') return 'table';
  if (FORMATS.includes(text)) return text as OutputFormat;
  throw new ArgosyError('INVALID_ARGUMENT', `-o takes ${FORMATS.join(', ')}, not "${text}"`);
}

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
