import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ABSOLUTE_STAND_INS, OWN_DIRECTORY, STAND_INS_PATH } from './task-root.ts';
import type { TaskRoot, TaskRootOptions } from './task-root.ts';
import { absolutePath, isWithin } from './host-paths.ts';

/**
 * A root without any rights: declared paths are replaced by paths inside the task's directory wherever
 * they occur as whole path prefixes in command, args, source and environment. Paths that the manifest
 * does not declare are the host's own.
 */
export function createRewriteRoot(options: TaskRootOptions): TaskRoot {
  const root = join(options.directory, 'root');
  mkdirSync(join(root, 'tmp'), { recursive: true });
  mkdirSync(join(root, OWN_DIRECTORY), { recursive: true });
  symlinkSync(options.standInsDirectory, join(root, STAND_INS_PATH));
  const volumes = options.volumes.toSorted((a, b) => b.mountPath.length - a.mountPath.length);
  const placeOf = (path: string): string => {
    const absolute = absolutePath(path);
    const volume = volumes.find((candidate) => isWithin(absolute, candidate.mountPath));
    const place =
      volume === undefined
        ? join(root, absolute)
        : join(volume.hostPath, absolute.slice(volume.mountPath.length));
    mkdirSync(dirname(place), { recursive: true });
    return place;
  };
  const findOf = (path: string): string => {
    const place = placeOf(path);
    return existsSync(place) ? place : absolutePath(path);
  };
  const rewrite = createRewriter(declaredPaths(options), placeOf);
  return {
    kind: 'Rewrite',
    placeOf,
    findOf,
    rewrite,
    setupFailed: () => false,
    release: () => undefined,
    command: (command) => ({
      program: rewrite(command.argv[0] ?? ''),
      args: command.argv.slice(1).map(rewrite),
      environment: {
        TMPDIR: join(root, 'tmp'),
        ...Object.fromEntries(
          Object.entries(command.environment).map(([name, value]) => [name, rewrite(value)]),
        ),
        ARGOSY_TASK_ROOT: root,
      },
      workingDirectory:
        command.workingDirectory === undefined ? root : rewrite(command.workingDirectory),
    }),
  };
}

function declaredPaths(options: TaskRootOptions): readonly string[] {
  const stand = ABSOLUTE_STAND_INS.map((name) => `/${name}`);
  const mounts = options.volumes.map((volume) => volume.mountPath);
  const all = [...options.inputPaths, ...options.outputPaths, ...mounts, ...stand, OWN_DIRECTORY];
  return [...new Set(all.map(absolutePath))].filter((path) => path !== '/');
}

/** Replaces whole declared paths, the longest first, where no path character stands before or after. */
function createRewriter(
  paths: readonly string[],
  placeOf: (path: string) => string,
): (text: string) => string {
  const places = new Map(paths.map((path) => [path, standInPlace(path, placeOf)]));
  const alternatives = paths.toSorted((a, b) => b.length - a.length).map(escapeForPattern);
  const pattern = new RegExp(`(?<![\\w.$}/-])(${alternatives.join('|')})(?![\\w-]|\\.\\w)`, 'g');
  return (text) => text.replace(pattern, (path) => places.get(path) ?? path);
}

function standInPlace(path: string, placeOf: (path: string) => string): string {
  const name = ABSOLUTE_STAND_INS.find((candidate) => path === `/${candidate}`);
  return placeOf(name === undefined ? path : `${STAND_INS_PATH}/${name}`);
}

function escapeForPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
