import { readFileSync } from 'node:fs';
import { ArgosyError } from '@argosy/base';
import { parse } from 'yaml';

/**
 * The parameters of a file: a YAML or JSON map of names to values. What is no text is given as JSON.
 * @throws ArgosyError INVALID_ARGUMENT that names the file.
 */
export function parametersOf(file: string): Record<string, string> {
  const values = readMap(file);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

function readMap(file: string): Readonly<Record<string, unknown>> {
  let values: unknown;
  try {
    values = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new ArgosyError('INVALID_ARGUMENT', `${file} cannot be read: ${reason}`, { cause });
  }
  if (typeof values === 'object' && values !== null && !Array.isArray(values)) {
    return values as Readonly<Record<string, unknown>>;
  }
  const message = `${file} has to be a map of parameters: a line "name: value" for each`;
  throw new ArgosyError('INVALID_ARGUMENT', message);
}
