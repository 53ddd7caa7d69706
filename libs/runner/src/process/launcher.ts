import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { OutputPipe } from './output-pipes.ts';
import type { HostCommand } from './task-root.ts';

/** A process that was started: the leader of a group of its own. */
export interface Launched {
  readonly pid: number;
  /** Its exit code, or 128 + the number of the signal that ended it. */
  readonly exited: Promise<number>;
}

/** The way in which processes are started. */
export interface Launcher {
  /**
   * Starts a command with its output on the pipes and nothing on its input.
   * @throws Error of the system when it cannot be started at all.
   */
  launch(command: HostCommand, stdout: OutputPipe, stderr: OutputPipe): Promise<Launched>;
}

/** Starts processes from this one. The larger this process is, the longer each start holds it up. */
export const directLauncher: Launcher = {
  async launch(command, stdout, stderr) {
    const child = spawn(command.program, [...command.args], {
      cwd: command.workingDirectory,
      env: { ...command.environment },
      detached: true,
      stdio: ['ignore', stdout.childEnd, stderr.childEnd],
    });
    if (child.pid === undefined) await startFailure(child);
    child.on('error', () => undefined);
    const exited = new Promise<number>((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? signalExitCode(signal)));
    });
    return { pid: child.pid ?? 0, exited };
  },
};

async function startFailure(child: ChildProcess): Promise<never> {
  const error = await new Promise<Error>((resolve) => child.once('error', resolve));
  throw error;
}

function signalExitCode(signal: NodeJS.Signals | null): number {
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}
