import { statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ArgosyError } from '@argosy/base';
import type { Container } from '@argosy/model';
import type { Environment } from '../environment.ts';
import { expandReferences } from '../environment.ts';
import { imageEntry, type ImageMap } from '../images.ts';
import { isExecutable } from './isolation.ts';
import type { TaskRoot } from './task-root.ts';

export interface CommandLineOptions {
  readonly images: ImageMap;
  /** Path of the script's file in the task's terms, for script templates. */
  readonly scriptPath?: string;
}

/**
 * The words that a container starts: command and args, or what its image would start, with `$(NAME)`
 * replaced as Kubernetes does.
 * @throws ArgosyError INVALID_ARGUMENT when neither the manifest nor the map of images says what to start.
 */
export function commandLine(
  container: Container,
  environment: Environment,
  options: CommandLineOptions,
): readonly string[] {
  const expand = (word: string): string => expandReferences(word, environment);
  const script = options.scriptPath === undefined ? [] : [options.scriptPath];
  const args = container.args ?? [];
  if ((container.command ?? []).length > 0) {
    return [...(container.command ?? []), ...args].map(expand).concat(script);
  }
  const image = container.image ?? '';
  const entry = imageEntry(options.images, image);
  const words = [
    ...(entry?.entrypoint ?? []),
    ...(args.length > 0 ? args : script.length > 0 ? [] : (entry?.cmd ?? [])),
  ];
  // A script's file is no program by itself, and args alone say nothing when the image is unknown.
  if (words.length === 0 || (entry === undefined && args.length > 0)) {
    throw new ArgosyError(
      'INVALID_ARGUMENT',
      `the manifest gives no command, and what the image "${image}" would start is not known: ` +
        "add `command:`, or name the image in the executor's `images` configuration",
    );
  }
  return words.map(expand).concat(script);
}

/**
 * Checks before the start that the program exists, because a shell's 127 would not say who is missing it.
 * @throws ArgosyError NOT_FOUND with what to do.
 */
export function checkProgram(
  argv: readonly string[],
  container: Container,
  view: { readonly root: TaskRoot; readonly path: string; readonly workingDirectory: string },
): void {
  const program = argv[0] ?? '';
  const found = program.includes('/')
    ? isProgram(view.root, program.startsWith('/') ? program : join(view.workingDirectory, program))
    : view.path
        .split(delimiter)
        .some((directory) => isProgram(view.root, join(directory, program)));
  if (found) return;
  throw new ArgosyError(
    'NOT_FOUND',
    `the command "${program}" is not on this host: tasks run as host processes, and the image ` +
      `"${container.image ?? ''}" is not used; install "${program}" on the executor's PATH, or change the command`,
  );
}

function isProgram(root: TaskRoot, path: string): boolean {
  const place = root.findOf(path);
  return isExecutable(place) && statSync(place).isFile();
}
