import { existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ArgosyError } from '@argosy/base';
import { isWithin, topLevelName } from './host-paths.ts';
import { PRIVATE_TOPS } from './skeleton.ts';

/** A host directory whose changes are kept in `upper`, because a declared path lies in it. */
export interface Overlay {
  readonly hostPath: string;
  readonly upper: string;
  readonly work: string;
}

/** Never changed for a task: kernel file systems. */
const KERNEL_TOPS = ['/proc', '/sys', '/dev'];

/**
 * The host directories that need an overlay, so that something can be placed in them: for each path the deepest
 * directory that exists, so that as little as possible of the host is hidden from changes.
 * @throws ArgosyError when nothing can be placed there.
 */
export function planOverlays(
  placed: readonly string[],
  bound: ReadonlySet<string>,
  directory: string,
): readonly Overlay[] {
  const hostPaths = new Set<string>();
  for (const path of placed) {
    if (path === '/' || dirname(path) === '/') continue;
    const existing = deepestDirectory(realHostPath(dirname(path)));
    if (existing !== '/' && bound.has(topLevelName(existing))) hostPaths.add(existing);
  }
  const outermost = [...hostPaths].filter(
    (path) => ![...hostPaths].some((other) => other !== path && isWithin(path, other)),
  );
  return outermost.map((hostPath, index) => {
    refuseOverlay(hostPath, directory);
    const upper = join(directory, `upper-${index}`);
    const work = `${upper}.work`;
    mkdirSync(upper);
    mkdirSync(work);
    return { hostPath, upper, work };
  });
}

function refuseOverlay(hostPath: string, directory: string): void {
  if (KERNEL_TOPS.some((top) => isWithin(hostPath, top))) {
    throw new ArgosyError('INVALID_ARGUMENT', `nothing can be placed in ${hostPath}; use /tmp`);
  }
  if (isWithin(directory, hostPath)) {
    throw new ArgosyError(
      'FAILED_PRECONDITION',
      `nothing can be placed in ${hostPath}, because the executor's data lies in it; ` +
        'use a path below /tmp, or move the data directory',
    );
  }
}

function deepestDirectory(path: string): string {
  let candidate = path;
  while (!existsSync(candidate) || !statSync(candidate).isDirectory()) {
    candidate = dirname(candidate);
  }
  return candidate;
}

/** The path with the host's links followed as far as it exists (`/bin/x` is `/usr/bin/x`). */
export function realHostPath(path: string): string {
  let existing = path;
  while (existing !== '/' && !existsSync(existing)) existing = dirname(existing);
  if (existing === '/' || PRIVATE_TOPS.includes(topLevelName(existing))) return path;
  return join(realpathSync(existing), path.slice(existing.length));
}
