import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ArgosyError } from '@argosy/base';
import type { Isolation } from './isolation.ts';
import { absolutePath, isWithin, topLevelName } from './host-paths.ts';
import { ABSOLUTE_STAND_INS, OWN_DIRECTORY, STAND_INS_PATH } from './task-root.ts';
import type { HostCommand, RootCommand, TaskRoot, TaskRootOptions } from './task-root.ts';

/** Top-level directories that every task has for itself. */
const PRIVATE_TOPS = new Set(['tmp', 'mnt', topLevelName(OWN_DIRECTORY)]);

/** Never changed for a task: kernel file systems. */
const KERNEL_TOPS = ['/proc', '/sys', '/dev'];

/**
 * A root of its own in a private mount namespace: the host's top-level directories are bound into it, while
 * the top level itself, `/tmp`, `/mnt` and every directory that holds a declared input are the task's
 * own. The mounts exist only inside the namespace, so the host sees plain directories below
 * `directory`, and removing that never reaches through a mount.
 */
export function createNamespaceRoot(options: TaskRootOptions, isolation: Isolation): TaskRoot {
  const layout = createLayout(options, isolation);
  const tableFile = join(options.directory, 'mounts');
  const startedFile = join(options.directory, 'started');
  writeFileSync(tableFile, layout.table.join(''));
  return {
    kind: 'Namespace',
    placeOf: layout.placeOf,
    findOf: layout.findOf,
    rewrite: (text) => text,
    setupFailed: () => !existsSync(startedFile),
    command: (command) =>
      hostCommand(command, { isolation, root: layout.root, tableFile, startedFile }),
  };
}

interface Layout {
  readonly root: string;
  /** Lines of an fstab, in the order of mounting. */
  readonly table: readonly string[];
  readonly placeOf: (path: string) => string;
  readonly findOf: (path: string) => string;
}

/** A host directory whose changes are kept in `upper`, because a declared path lies in it. */
interface Overlay {
  readonly hostPath: string;
  readonly upper: string;
}

function createLayout(options: TaskRootOptions, isolation: Isolation): Layout {
  const root = join(options.directory, 'root');
  mkdirSync(root);
  const mountPoints = options.volumes.map((volume) => absolutePath(volume.mountPath));
  const placed = [...options.inputPaths.map(absolutePath), ...mountPoints];
  const tops = bindTopLevel(root, placed, isolation);
  const overlays = planOverlays(options, placed, tops.bound);
  const volumes = options.volumes.toSorted((a, b) => b.mountPath.length - a.mountPath.length);
  const hostOf = (path: string): string => {
    const absolute = absolutePath(path);
    const standIn = standInOf(absolute);
    if (standIn !== undefined) return join(options.standInsDirectory, standIn);
    const volume = volumes.find((candidate) => isWithin(absolute, candidate.mountPath));
    if (volume !== undefined) {
      return join(volume.hostPath, absolute.slice(volume.mountPath.length));
    }
    const real = realHostPath(absolute);
    if (!tops.bound.has(topLevelName(real))) return join(root, absolute);
    const overlay = overlays.find((candidate) => isWithin(real, candidate.hostPath));
    return overlay === undefined ? real : join(overlay.upper, real.slice(overlay.hostPath.length));
  };
  const placeOf = (path: string): string => {
    const place = hostOf(path);
    mkdirSync(dirname(place), { recursive: true });
    return place;
  };
  const volumeLines = options.volumes
    .toSorted((a, b) => a.mountPath.length - b.mountPath.length)
    .map((volume) => {
      makeMountPoint(mountPointOf(volume.mountPath, volumes, { root, hostOf }), volume.hostPath);
      const flags = volume.readOnly ? 'bind,ro' : 'rbind';
      return tableLine(volume.hostPath, root + realHostPath(absolutePath(volume.mountPath)), flags);
    });
  layStandIns(root);
  const table = [
    ...tops.lines,
    ...overlays.map((overlay) => overlayLine(root, overlay)),
    tableLine(options.standInsDirectory, root + STAND_INS_PATH, 'bind'),
    ...volumeLines,
  ];
  const findOf = (path: string): string => {
    const place = hostOf(path);
    return existsSync(place) ? place : unchangedPlace(path, place, tops.bound);
  };
  return { root, table, placeOf, findOf };
}

/** In an overlaid directory a file that the task left alone is still the host's. */
function unchangedPlace(path: string, place: string, bound: ReadonlySet<string>): string {
  const real = realHostPath(absolutePath(path));
  return bound.has(topLevelName(real)) ? real : place;
}

/** The stand-in's name when the path is that of one; they are mounted, so the host sees them elsewhere. */
function standInOf(path: string): string | undefined {
  const absolute = ABSOLUTE_STAND_INS.find((name) => path === `/${name}`);
  return (
    absolute ??
    (path.startsWith(`${STAND_INS_PATH}/`) ? path.slice(STAND_INS_PATH.length) : undefined)
  );
}

function layStandIns(root: string): void {
  mkdirSync(root + STAND_INS_PATH, { recursive: true });
  for (const name of ABSOLUTE_STAND_INS) symlinkSync(`${STAND_INS_PATH}/${name}`, join(root, name));
}

/** Where the mount point of a volume must exist on the host: below it, as if it were not mounted. */
function mountPointOf(
  mountPath: string,
  volumes: TaskRootOptions['volumes'],
  layout: { readonly root: string; readonly hostOf: (path: string) => string },
): string {
  const path = absolutePath(mountPath);
  const outer = volumes.find(
    (candidate) => candidate.mountPath !== mountPath && isWithin(path, candidate.mountPath),
  );
  if (outer !== undefined) return join(outer.hostPath, path.slice(outer.mountPath.length));
  return dirname(path) === '/'
    ? join(layout.root, path)
    : join(layout.hostOf(dirname(path)), base(path));
}

function base(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function makeMountPoint(point: string, source: string): void {
  if (existsSync(point)) return;
  mkdirSync(dirname(point), { recursive: true });
  if (statSync(source).isDirectory()) mkdirSync(point);
  else writeFileSync(point, '');
}

interface TopLevel {
  /** Names of top-level directories that are the host's. */
  readonly bound: ReadonlySet<string>;
  readonly lines: readonly string[];
}

function bindTopLevel(root: string, placed: readonly string[], isolation: Isolation): TopLevel {
  const bound = new Set<string>();
  const lines: string[] = [];
  for (const entry of readdirSync('/', { withFileTypes: true })) {
    const own = PRIVATE_TOPS.has(entry.name) || placed.includes(`/${entry.name}`);
    const point = join(root, entry.name);
    if (own) continue;
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(`/${entry.name}`), point);
    if (!entry.isDirectory()) continue;
    mkdirSync(point);
    bound.add(entry.name);
    if (entry.name === 'proc' && isolation.ownProcesses)
      lines.push(tableLine('proc', point, 'proc'));
    else lines.push(tableLine(`/${entry.name}`, point, 'rbind'));
  }
  for (const name of PRIVATE_TOPS) mkdirSync(join(root, name));
  chmodSync(join(root, 'tmp'), 0o1777);
  return { bound, lines };
}

/**
 * One overlay for each host directory in which something is to be placed: the deepest directory that
 * exists, so that as little as possible of the host is hidden from changes.
 */
function planOverlays(
  options: TaskRootOptions,
  placed: readonly string[],
  bound: ReadonlySet<string>,
): readonly Overlay[] {
  const directories = new Set<string>();
  for (const path of placed) {
    if (path === '/' || dirname(path) === '/') continue;
    const existing = deepestDirectory(realHostPath(dirname(path)));
    if (existing !== '/' && bound.has(topLevelName(existing))) directories.add(existing);
  }
  const outermost = [...directories].filter(
    (directory) =>
      ![...directories].some((other) => other !== directory && isWithin(directory, other)),
  );
  return outermost.map((hostPath, index) => {
    if (KERNEL_TOPS.some((top) => isWithin(hostPath, top))) {
      throw new ArgosyError('INVALID_ARGUMENT', `nothing can be placed in ${hostPath}; use /tmp`);
    }
    if (isWithin(options.directory, hostPath)) {
      throw new ArgosyError(
        'FAILED_PRECONDITION',
        `nothing can be placed in ${hostPath}, because the executor's data lies in it; ` +
          'use a path below /tmp, or move the data directory',
      );
    }
    const upper = join(options.directory, `upper-${index}`);
    mkdirSync(upper);
    mkdirSync(`${upper}.work`);
    return { hostPath, upper };
  });
}

function deepestDirectory(path: string): string {
  let candidate = path;
  while (!existsSync(candidate) || !statSync(candidate).isDirectory())
    candidate = dirname(candidate);
  return candidate;
}

/** The path with the host's links followed as far as it exists (`/bin/x` is `/usr/bin/x`). */
function realHostPath(path: string): string {
  let existing = path;
  while (existing !== '/' && !exists(existing)) existing = dirname(existing);
  if (existing === '/' || PRIVATE_TOPS.has(topLevelName(existing))) return path;
  return join(realpathSync(existing), path.slice(existing.length));
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined && existsSync(path);
}

function overlayLine(root: string, overlay: Overlay): string {
  const layers =
    `lowerdir=${escapeLayer(overlay.hostPath)},upperdir=${escapeLayer(overlay.upper)},` +
    `workdir=${escapeLayer(`${overlay.upper}.work`)}`;
  return `overlay ${escapeField(root + overlay.hostPath)} overlay ${escapeField(layers)} 0 0\n`;
}

function escapeLayer(path: string): string {
  return path.replace(/[\\:,]/g, '\\$&');
}

function tableLine(source: string, target: string, kind: string): string {
  const [type, options] = kind === 'proc' ? ['proc', 'defaults'] : ['none', kind];
  return `${escapeField(source)} ${escapeField(target)} ${type} ${options} 0 0\n`;
}

/** fstab separates by blanks; they are written in octal. */
function escapeField(text: string): string {
  return text.replace(/[\\ \t\n#]/g, (character) => {
    return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
  });
}

interface CommandContext {
  readonly isolation: Isolation;
  readonly root: string;
  readonly tableFile: string;
  readonly startedFile: string;
}

/**
 * Mounts, notes that this went well, and starts the program. The shell stays as the first process of its
 * namespace: a program that is process 1 itself would not end by SIGTERM.
 */
const SETUP = '"$1" --fstab "$2" -a || exit 125; : > "$3" || exit 125; shift 3; "$@"; exit $?';

const ENTER_DIRECTORY = 'mkdir -p -- "$0" && cd -- "$0" || exit 125; exec "$@"';

function hostCommand(command: RootCommand, context: CommandContext): HostCommand {
  const { isolation } = context;
  const plain: Record<string, string> = {};
  const odd: string[] = [];
  for (const [name, value] of Object.entries(command.environment)) {
    // A shell drops variables whose names it cannot use; env(1) hands them on.
    if (/^[A-Za-z_]\w*$/.test(name)) plain[name] = value;
    else odd.push(`${name}=${value}`);
  }
  const argv = odd.length > 0 ? ['/usr/bin/env', ...odd, ...command.argv] : command.argv;
  const directory = command.workingDirectory;
  const inside =
    directory === undefined ? argv : ['/bin/sh', '-c', ENTER_DIRECTORY, directory, ...argv];
  return {
    program: isolation.unshareProgram,
    args: [
      ...isolation.unshareArgs,
      '/bin/sh',
      '-c',
      SETUP,
      'argosy-setup',
      isolation.mountProgram,
      context.tableFile,
      context.startedFile,
      isolation.chrootProgram,
      context.root,
      ...inside,
    ],
    environment: plain,
    workingDirectory: '/',
  };
}
