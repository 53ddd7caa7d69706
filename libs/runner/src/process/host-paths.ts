import { lstatSync } from 'node:fs';
import { posix } from 'node:path';

/** A path of a manifest as a clean absolute path; relative ones are taken from `/`, as in a container. */
export function absolutePath(path: string): string {
  return posix.resolve('/', path);
}

/** Whether `path` is `directory` or lies in it. */
export function isWithin(path: string, directory: string): boolean {
  if (directory === '/') return true;
  return path === directory || path.startsWith(`${directory}/`);
}

/** The first part of an absolute path: `tmp` of `/tmp/a/b`; empty for `/`. */
export function topLevelName(path: string): string {
  return path.split('/')[1] ?? '';
}

/** Whether a symbolic link lies at the path; what may not be looked at counts as none. */
export function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  } catch {
    return false;
  }
}
