import { parseGoDuration } from '@argosy/base';
import {
  compileWatchPath,
  FILE_OPERATIONS,
  type FileOperation,
  type WatchPath,
} from '@argosy/core-events';
import { isFields, textField, type Fields } from '../http/settings.ts';

/** What is watched, checked. */
export interface WatchSettings extends WatchPath {
  readonly isMeant: (name: string) => boolean;
}

/** Reads `watchPathConfig`, or the same fields of the event itself. */
export function parseWatchPath(fields: Fields, problems: string[]): WatchSettings {
  const directory = textField(fields, 'directory', problems);
  const path = textField(fields, 'path', problems);
  const pathRegexp = textField(fields, 'pathRegexp', problems);
  if (directory === '') problems.push('directory is missing; set the directory to watch');
  else if (!directory.startsWith('/')) problems.push('directory must be an absolute path');
  if ((path === '') === (pathRegexp === '')) {
    problems.push('set either path, the name of one file, or pathRegexp, a pattern of names');
  }
  const watch = { directory, path, pathRegexp };
  const meant = compileWatchPath(watch);
  if (!meant.ok) problems.push(meant.error);
  return { ...watch, isMeant: meant.ok ? meant.value : () => false };
}

/** A directory without a slash at its end leaves one before the name, which no `path` has. */
export function requireTrailingSlash(watch: WatchPath, name: string, problems: string[]): void {
  if (watch.path === '' || !/[^/]$/.test(watch.directory)) return;
  problems.push(`${name} must end in a slash; without one no file of it has exactly this path`);
}

/** Reads the block `watchPathConfig`. */
export function parseWatchPathConfig(fields: Fields, problems: string[]): WatchSettings {
  const block = fields['watchPathConfig'];
  const found: string[] = [];
  const watch = parseWatchPath(isFields(block) ? block : {}, found);
  problems.push(...found.map((problem) => `watchPathConfig.${problem}`));
  return watch;
}

/** Reads the operation that is meant; other than Argo Events, one that cannot happen is told. */
export function parseOperation(
  fields: Fields,
  name: string,
  problems: string[],
  operations: readonly FileOperation[] = FILE_OPERATIONS,
): FileOperation {
  const text = textField(fields, name, problems);
  const known = operations.find((operation) => operation === text);
  if (known === undefined) {
    problems.push(`${name} must be one of ${operations.join(', ')}, not ${JSON.stringify(text)}`);
  }
  return known ?? 'CREATE';
}

/** Shorter intervals would only keep the server busy. */
const INTERVAL_MS_MIN = 100;

/** Reads the time between two looks, milliseconds. */
export function parseInterval(
  fields: Fields,
  name: string,
  problems: string[],
  fallbackMs: number,
): number {
  const text = textField(fields, name, problems);
  if (text === '') return fallbackMs;
  const parsed = parseGoDuration(text);
  if (parsed.ok && parsed.value >= INTERVAL_MS_MIN) return parsed.value;
  problems.push(`${name} must be a duration of at least ${INTERVAL_MS_MIN}ms, such as 10s`);
  return fallbackMs;
}
