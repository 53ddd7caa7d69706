import type { Isolation } from './isolation.ts';
import type { HostCommand, RootCommand } from './task-root.ts';

export interface NamespaceCommandOptions {
  readonly isolation: Isolation;
  readonly root: string;
  /** An fstab with what is to be mounted. */
  readonly tableFile: string;
  /** Made when the mounts are done, just before the program starts. */
  readonly startedFile: string;
}

/**
 * Mounts, notes that this went well, and starts the program. The shell stays as the first process of its
 * namespace: a program that is process 1 itself would not end by SIGTERM.
 */
const SETUP = '"$1" --fstab "$2" -a || exit 125; : > "$3" || exit 125; shift 3; "$@"; exit $?';

const ENTER_DIRECTORY = 'mkdir -p -- "$0" && cd -- "$0" || exit 125; exec "$@"';

/** The command that makes the namespace, mounts, changes the root and starts the task's program. */
export function namespaceCommand(
  command: RootCommand,
  options: NamespaceCommandOptions,
): HostCommand {
  const { isolation } = options;
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
      options.tableFile,
      options.startedFile,
      isolation.chrootProgram,
      options.root,
      ...inside,
    ],
    environment: plain,
    workingDirectory: '/',
  };
}
