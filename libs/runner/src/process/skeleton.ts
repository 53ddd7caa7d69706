import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Isolation } from './isolation.ts';
import { topLevelName } from './host-paths.ts';
import { bindLine, procLine } from './mount-table.ts';
import { ABSOLUTE_STAND_INS, OWN_DIRECTORY, STAND_INS_PATH } from './task-root.ts';

/** Top-level directories that every task has for itself. */
export const PRIVATE_TOPS: readonly string[] = ['tmp', 'mnt', topLevelName(OWN_DIRECTORY)];

const TMP_MODE = 0o1777;

/**
 * The top level of a root before anything else is placed in it: an empty directory for each of the host's, its
 * links, and the task's own directories.
 */
export interface Skeleton {
  readonly directory: string;
  readonly root: string;
  /** Names of top-level directories that are the host's. */
  readonly bound: ReadonlySet<string>;
  /** Lines of an fstab that bind them. */
  readonly lines: readonly string[];
  /** A file with these lines. */
  readonly tableFile: string;
}

export interface SkeletonOptions {
  readonly isolation: Isolation;
  readonly standInsDirectory: string;
  /** Top-level names that are the task's own although the host has them. */
  readonly own: ReadonlySet<string>;
}

/** Makes a skeleton in a directory that is empty. */
export function createSkeleton(directory: string, options: SkeletonOptions): Skeleton {
  const root = join(directory, 'root');
  mkdirSync(root, { recursive: true });
  const bound = new Set<string>();
  const lines: string[] = [];
  for (const entry of readdirSync('/', { withFileTypes: true })) {
    if (PRIVATE_TOPS.includes(entry.name) || options.own.has(entry.name)) continue;
    const point = join(root, entry.name);
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(`/${entry.name}`), point);
    if (!entry.isDirectory()) continue;
    mkdirSync(point);
    bound.add(entry.name);
    const ownProc = entry.name === 'proc' && options.isolation.ownProcesses;
    lines.push(ownProc ? procLine(point) : bindLine(`/${entry.name}`, point));
  }
  for (const name of PRIVATE_TOPS) mkdirSync(join(root, name));
  chmodSync(join(root, 'tmp'), TMP_MODE);
  mkdirSync(root + STAND_INS_PATH, { recursive: true });
  for (const name of ABSOLUTE_STAND_INS) symlinkSync(`${STAND_INS_PATH}/${name}`, join(root, name));
  lines.push(bindLine(options.standInsDirectory, root + STAND_INS_PATH));
  const tableFile = join(directory, 'mounts');
  writeFileSync(tableFile, lines.join(''));
  return { directory, root, bound, lines, tableFile };
}

/** Skeletons that are used again: making and removing one costs several times what a mount does. */
export interface SkeletonPool {
  acquire(): Skeleton;
  /** Cleans the skeleton for the next task, or removes it when it is not as it was made. */
  release(skeleton: Skeleton): void;
}

interface Pooled {
  readonly skeleton: Skeleton;
  /** Kind and target of each top-level entry. */
  readonly shape: ReadonlyMap<string, string>;
}

/** Most skeletons that are kept for later. */
const IDLE_MAX = 64;

export function createSkeletonPool(
  directory: string,
  options: Omit<SkeletonOptions, 'own'>,
): SkeletonPool {
  const idle: Pooled[] = [];
  const inUse = new Map<Skeleton, Pooled>();
  let count = 0;
  const take = (pooled: Pooled): Skeleton => {
    inUse.set(pooled.skeleton, pooled);
    return pooled.skeleton;
  };
  const discard = (skeleton: Skeleton): void => {
    rmSync(skeleton.directory, { recursive: true, force: true });
  };
  return {
    acquire: () => {
      for (let pooled = idle.pop(); pooled !== undefined; pooled = idle.pop()) {
        if (fitsHost(pooled.skeleton)) return take(pooled);
        discard(pooled.skeleton);
      }
      count += 1;
      const skeleton = createSkeleton(join(directory, `skeleton-${count}`), {
        ...options,
        own: new Set(),
      });
      return take({ skeleton, shape: shapeOf(skeleton.root) });
    },
    release: (skeleton) => {
      const pooled = inUse.get(skeleton);
      inUse.delete(skeleton);
      if (pooled !== undefined && idle.length < IDLE_MAX && clean(pooled)) idle.push(pooled);
      else discard(skeleton);
    },
  };
}

/** Whether the host's top level still has the directories that the skeleton binds, and no others. */
function fitsHost(skeleton: Skeleton): boolean {
  const directories = readdirSync('/', { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !PRIVATE_TOPS.includes(entry.name),
  );
  return (
    directories.length === skeleton.bound.size &&
    directories.every((entry) => skeleton.bound.has(entry.name))
  );
}

function shapeOf(root: string): ReadonlyMap<string, string> {
  return new Map(
    readdirSync(root, { withFileTypes: true }).map((entry) => [
      entry.name,
      entry.isSymbolicLink()
        ? `link ${readlinkSync(join(root, entry.name))}`
        : entry.isDirectory()
          ? 'directory'
          : 'file',
    ]),
  );
}

/**
 * Takes away what a task left. False when an entry was replaced: a task that put a link where a directory
 * was would otherwise have the host's own files removed through it.
 */
function clean(pooled: Pooled): boolean {
  const { root } = pooled.skeleton;
  const shape = shapeOf(root);
  for (const [name, kind] of pooled.shape) if (shape.get(name) !== kind) return false;
  for (const name of shape.keys()) if (!pooled.shape.has(name)) remove(join(root, name));
  const ownName = topLevelName(OWN_DIRECTORY);
  for (const top of PRIVATE_TOPS) {
    for (const name of readdirSync(join(root, top))) {
      if (top !== ownName || name !== STAND_INS_NAME) remove(join(root, top, name));
    }
  }
  chmodSync(join(root, 'tmp'), TMP_MODE);
  return existsSync(root + STAND_INS_PATH);
}

const STAND_INS_NAME = STAND_INS_PATH.slice(OWN_DIRECTORY.length + 1);

/** Most entries are files, for which this is much quicker than a recursive removal. */
function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    rmSync(path, { recursive: true, force: true });
  }
}
