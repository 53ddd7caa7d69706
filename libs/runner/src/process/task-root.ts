import type { Environment } from '../environment.ts';

/** A directory of the host that the task sees at `mountPath`. */
export interface RootVolume {
  readonly hostPath: string;
  readonly mountPath: string;
  readonly readOnly: boolean;
}

export interface TaskRootOptions {
  /** Directory of this container on the host; exists and is empty. */
  readonly directory: string;
  readonly standInsDirectory: string;
  /** Absolute paths at which inputs are placed before the start. */
  readonly inputPaths: readonly string[];
  /** Absolute paths that are read after the end. */
  readonly outputPaths: readonly string[];
  readonly volumes: readonly RootVolume[];
}

/** What is started in the root, in the task's own terms. */
export interface RootCommand {
  readonly argv: readonly string[];
  readonly environment: Environment;
  readonly workingDirectory: string | undefined;
}

/** The same, as the host starts it. */
export interface HostCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly workingDirectory: string;
}

/**
 * A container's view of the file system, and the way from its paths to the host's. `Namespace` roots show
 * every path where the manifest says; `Rewrite` roots replace the declared paths in the command instead.
 */
export interface TaskRoot {
  readonly kind: 'Namespace' | 'Rewrite';
  /** Where on the host the task's `path` is to be written before the start. Parents exist afterwards. */
  placeOf(path: string): string;
  /** Where on the host lies what the task left at `path`. */
  findOf(path: string): string;
  /** Text with declared paths as the task has to see them. */
  rewrite(text: string): string;
  command(command: RootCommand): HostCommand;
  /** Whether the task's own program was never started. */
  setupFailed(): boolean;
  /** To be called when the outputs are read; the root is not used after it. */
  release(): void;
}

/** Directory of the root that belongs to Argosy: script, progress file, stand-ins. */
export const OWN_DIRECTORY = '/argo';
export const SCRIPT_PATH = `${OWN_DIRECTORY}/staging/script`;
export const PROGRESS_PATH = `${OWN_DIRECTORY}/progress`;
export const STAND_INS_PATH = `${OWN_DIRECTORY}/stand-ins`;
/** Programs that manifests call by absolute path although no host has them. */
export const ABSOLUTE_STAND_INS = ['argosay'] as const;
