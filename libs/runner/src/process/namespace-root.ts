import { existsSync, mkdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { ArgosyError } from '@argosy/base';
import { absolutePath, isLink, isWithin, topLevelName } from './host-paths.ts';
import type { Isolation } from './isolation.ts';
import { bindLine, overlayLine } from './mount-table.ts';
import { namespaceCommand } from './namespace-command.ts';
import { planOverlays, realHostPath, type Overlay } from './overlays.ts';
import { createSkeleton, type Skeleton, type SkeletonPool } from './skeleton.ts';
import {
  ABSOLUTE_STAND_INS,
  STAND_INS_PATH,
  type RootVolume,
  type TaskRoot,
  type TaskRootOptions,
} from './task-root.ts';

export interface NamespaceSupport {
  readonly isolation: Isolation;
  readonly skeletons: SkeletonPool;
}

/**
 * A root of its own in a private mount namespace: the host's top-level directories are bound into it, while
 * the top level itself, `/tmp`, `/mnt` and every directory that holds a declared input are the task's
 * own. The mounts exist only inside the namespace, so the host sees plain directories, and removing
 * them never reaches through a mount.
 */
export function createNamespaceRoot(options: TaskRootOptions, support: NamespaceSupport): TaskRoot {
  const layout = createLayout(options, support);
  const { root } = layout.skeleton;
  const startedFile = join(options.directory, 'started');
  let tableFile = layout.skeleton.tableFile;
  if (layout.lines.length > 0) {
    tableFile = join(options.directory, 'mounts');
    writeFileSync(tableFile, [...layout.skeleton.lines, ...layout.lines].join(''));
  }
  return {
    kind: 'Namespace',
    placeOf: (path) => {
      const place = layout.hostOf(absolutePath(path));
      mkdirSync(dirname(place), { recursive: true });
      return place;
    },
    findOf: (path) => findPlace(absolutePath(path), layout),
    rewrite: (text) => text,
    setupFailed: () => !existsSync(startedFile),
    command: (command) =>
      namespaceCommand(command, { isolation: support.isolation, root, tableFile, startedFile }),
    release: layout.release,
  };
}

interface Layout {
  readonly skeleton: Skeleton;
  /** Lines of an fstab beyond the skeleton's, in the order of mounting. */
  readonly lines: readonly string[];
  /** Where the host has a path of the task, links not followed. */
  readonly hostOf: (path: string) => string;
  readonly release: () => void;
}

function createLayout(options: TaskRootOptions, support: NamespaceSupport): Layout {
  const mountPoints = options.volumes.map((volume) => absolutePath(volume.mountPath));
  const placed = [...options.inputPaths.map(absolutePath), ...mountPoints];
  const own = new Set(placed.filter((path) => dirname(path) === '/').map(topLevelName));
  // A mount point in the top level stays behind as a directory, so such a root is not used again.
  const isPlain = own.size === 0 && options.volumes.length === 0;
  const skeleton = isPlain
    ? support.skeletons.acquire()
    : createSkeleton(options.directory, {
        isolation: support.isolation,
        standInsDirectory: options.standInsDirectory,
        own,
      });
  const release = (): void => {
    if (isPlain) support.skeletons.release(skeleton);
  };
  try {
    const overlays = planOverlays(placed, skeleton.bound, options.directory);
    const hostOf = hostPathsOf(options, skeleton, overlays);
    const lines = [
      ...overlays.map((one) => overlayLine(one.hostPath, skeleton.root + one.hostPath, one)),
      ...mountVolumes(options.volumes, skeleton.root, hostOf),
    ];
    return { skeleton, lines, hostOf, release };
  } catch (thrown) {
    release();
    throw thrown;
  }
}

function hostPathsOf(
  options: TaskRootOptions,
  skeleton: Skeleton,
  overlays: readonly Overlay[],
): (path: string) => string {
  const volumes = options.volumes.toSorted((a, b) => b.mountPath.length - a.mountPath.length);
  return (path) => {
    const standIn = standInOf(path);
    if (standIn !== undefined) return join(options.standInsDirectory, standIn);
    const volume = volumes.find((candidate) => isWithin(path, candidate.mountPath));
    if (volume !== undefined) return join(volume.hostPath, path.slice(volume.mountPath.length));
    const real = realHostPath(path);
    if (!skeleton.bound.has(topLevelName(real))) return join(skeleton.root, path);
    const overlay = overlays.find((candidate) => isWithin(real, candidate.hostPath));
    if (overlay === undefined) return real;
    const changed = join(overlay.upper, real.slice(overlay.hostPath.length));
    return existsSync(changed) || !existsSync(real)
      ? changed
      : sameUnlessPlaced(real, changed, options);
  };
}

/** What a task left alone in an overlaid directory is still the host's; what is placed goes above it. */
function sameUnlessPlaced(real: string, changed: string, options: TaskRootOptions): string {
  const isPlaced = options.inputPaths.some((path) => realHostPath(absolutePath(path)) === real);
  return isPlaced ? changed : real;
}

/** The stand-in's name when the path is that of one; they are mounted, so the host sees them elsewhere. */
function standInOf(path: string): string | undefined {
  const absolute = ABSOLUTE_STAND_INS.find((name) => path === `/${name}`);
  if (absolute !== undefined) return absolute;
  return path.startsWith(`${STAND_INS_PATH}/`) ? path.slice(STAND_INS_PATH.length) : undefined;
}

function mountVolumes(
  volumes: readonly RootVolume[],
  root: string,
  hostOf: (path: string) => string,
): readonly string[] {
  return volumes
    .toSorted((a, b) => a.mountPath.length - b.mountPath.length)
    .map((volume) => {
      const path = volume.mountPath;
      // The point is made below the mount: in what lies around it.
      const point =
        dirname(path) === '/' ? join(root, path) : join(hostOf(dirname(path)), basename(path));
      makeMountPoint(point, volume.hostPath);
      return bindLine(volume.hostPath, root + realHostPath(path), volume.readOnly);
    });
}

function makeMountPoint(point: string, source: string): void {
  if (existsSync(point)) return;
  mkdirSync(dirname(point), { recursive: true });
  if (statSync(source).isDirectory()) mkdirSync(point);
  else writeFileSync(point, '');
}

/** Most links that are followed in one path, as in Linux. */
const LINKS_MAX = 40;

/** The host's place of a path after the end of the task, its links followed as the task saw them. */
function findPlace(path: string, layout: Layout): string {
  let current = path;
  for (let links = 0; links <= LINKS_MAX; links += 1) {
    const next = followFirstLink(current, layout.hostOf);
    if (next === undefined) return layout.hostOf(current);
    current = next;
  }
  throw new ArgosyError('INVALID_ARGUMENT', `${path}: more than ${LINKS_MAX} symbolic links`);
}

/** The path with its first symbolic link replaced; undefined when there is none. */
function followFirstLink(path: string, hostOf: (path: string) => string): string | undefined {
  const names = path.split('/').slice(1);
  for (let count = 1; count <= names.length; count += 1) {
    const prefix = `/${names.slice(0, count).join('/')}`;
    const place = hostOf(prefix);
    if (!isLink(place) || standInOf(prefix) !== undefined) continue;
    const target = posix.resolve(dirname(prefix), readlinkSync(place));
    return posix.join(target, ...names.slice(count));
  }
  return undefined;
}
