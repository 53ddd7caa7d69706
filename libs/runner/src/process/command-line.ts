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
  const script = options.scriptPath === undefined ? [] : [options.scriptPath];
  const command = container.command ?? [];
  const words = command.length > 0 ? [...command, ...(container.args ?? [])] : imageWords();
  return words.map((word) => expandReferences(word, environment)).concat(script);

  function imageWords(): readonly string[] {
    const image = container.image ?? '';
    const entry = imageEntry(options.images, image);
    const args = container.args ?? [];
    // A script's file takes the place of what the image would start by itself.
    const last = args.length > 0 || script.length > 0 ? args : (entry?.cmd ?? []);
    const found = [...(entry?.entrypoint ?? []), ...last];
    if (entry !== undefined && found.length > 0) return found;
    throw new ArgosyError(
      'INVALID_ARGUMENT',
      `the manifest gives no command, and what the image "${image}" would start is not known: ` +
        "add `command:`, or name the image in the executor's `images` configuration",
    );
  }
}

/** The program that a container is to start does not exist: the container's own failure, as with Argo. */
export class ProgramMissing extends ArgosyError {
  constructor(message: string) {
    super('NOT_FOUND', message);
  }
}

/**
 * Checks before the start that the program exists, because a shell's 127 would not say who is missing it.
 * @throws ProgramMissing with what to do.
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
  throw new ProgramMissing(
    `the command "${program}" was not found on this host: tasks run as host processes, and the image ` +
      `"${container.image ?? ''}" is not used; install "${program}" on the executor's PATH, or change the command`,
  );
}

function isProgram(root: TaskRoot, path: string): boolean {
  const place = root.findOf(path);
  return isExecutable(place) && statSync(place).isFile();
}
