import { closeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { PIPE_DRAIN_MS_MAX } from '../limits.ts';
import type { LogStream } from '../types.ts';
import type { Launched, Launcher } from './launcher.ts';
import { discardPipe, type OutputPipe, type OutputPipes } from './output-pipes.ts';
import type { HostCommand } from './task-root.ts';

export interface ChildOptions {
  readonly pipes: OutputPipes;
  readonly launcher: Launcher;
  /** Takes output; while a returned promise is pending nothing more is read. */
  readonly onOutput: (stream: LogStream, chunk: Uint8Array) => Promise<void> | undefined;
  /** Called with the process number as soon as it is known, before anything else happens. */
  readonly onSpawned: (pid: number) => void;
  /** Called when the process has ended and its group was killed. */
  readonly onExited: () => void;
}

/** A process that did not end is asked once more after this time, in milliseconds. */
const ASK_AGAIN_MS = 1_000;

/** How a process ended: its code, or 128 + the number of the signal that ended it. */
export interface ChildEnd {
  readonly exitCode: number;
}

/** A process that leads a group of its own. */
export interface Child {
  readonly pid: number;
  /** Resolves when the process has ended, its output was taken and nothing of its group is left. */
  readonly ended: Promise<ChildEnd>;
  /** Asks the whole group to end, and kills what is left of it after the grace. Repeatable. */
  stop(graceMs: number): void;
}

/**
 * Starts a process in a group of its own.
 * @throws Error of the system when it cannot be started at all.
 */
export async function startChild(command: HostCommand, options: ChildOptions): Promise<Child> {
  const stdout = await options.pipes.open();
  const stderr = await options.pipes.open();
  const { pid, exited } = await launch(command, options.launcher, [stdout, stderr]);
  options.onSpawned(pid);
  const outputs = [stdout.output, stderr.output];
  forward(stdout.output, 'stdout', options);
  forward(stderr.output, 'stderr', options);
  const closed = Promise.all(
    outputs.map((output) => new Promise<void>((resolve) => output.once('close', () => resolve()))),
  );
  let kill: NodeJS.Timeout | undefined;
  let askAgain: NodeJS.Timeout | undefined;
  return {
    pid,
    ended: finish(),
    stop: (graceMs) => {
      signalGroup(pid, 'SIGTERM');
      clearTimeout(kill);
      clearTimeout(askAgain);
      // A program that was just being started when it was asked has not heard it: the first process of a
      // namespace takes no signal.
      askAgain = setTimeout(() => signalGroup(pid, 'SIGTERM'), ASK_AGAIN_MS);
      kill = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
    },
  };

  async function finish(): Promise<ChildEnd> {
    const exitCode = await exited;
    clearTimeout(kill);
    clearTimeout(askAgain);
    // A container ends with its main process; what it left behind ends too. Nobody waits for that here:
    // members that are dead but not yet reaped by the system still count as the group.
    signalGroup(pid, 'SIGKILL');
    options.onExited();
    await drain(outputs, closed);
    return { exitCode };
  }
}

/**
 * Waits until the outputs are read to their end. When somebody outside of the group still holds one open, that
 * is given up after a while, but never while the reader itself is held back.
 */
async function drain(outputs: readonly Readable[], closed: Promise<unknown>): Promise<void> {
  const isClosed = closed.then(() => true);
  for (;;) {
    const waiting = new AbortController();
    const timeout = delay(PIPE_DRAIN_MS_MAX, false, { signal: waiting.signal }).catch(() => false);
    const done = await Promise.race([isClosed, timeout]);
    waiting.abort();
    if (done) return;
    if (outputs.some((output) => output.isPaused())) continue;
    for (const output of outputs) output.destroy();
    return;
  }
}

/** Starts the command; its ends of the pipes are closed here as soon as it has them, or it has failed. */
async function launch(
  command: HostCommand,
  launcher: Launcher,
  [stdout, stderr]: readonly [OutputPipe, OutputPipe],
): Promise<Launched> {
  try {
    const launched = await launcher.launch(command, stdout, stderr);
    closeSync(stdout.childEnd);
    closeSync(stderr.childEnd);
    return launched;
  } catch (thrown) {
    discardPipe(stdout);
    discardPipe(stderr);
    throw thrown;
  }
}

function forward(source: Readable, stream: LogStream, options: ChildOptions): void {
  source.on('data', (chunk: Buffer) => {
    const pending = options.onOutput(stream, chunk);
    if (pending === undefined) return;
    source.pause();
    void pending.finally(() => source.resume());
  });
  source.on('error', () => undefined);
}

/** Sends a signal to a whole process group; false when there is none. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
