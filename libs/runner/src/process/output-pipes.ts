import { execFile } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

/** One output of a process: the end that the process writes to, and what it wrote. */
export interface OutputPipe {
  /** Where the pipe lies, for a process that opens it by itself. */
  readonly path: string;
  /** Given to the process; to be closed here as soon as it has been started. */
  readonly childEnd: number;
  readonly output: Readable;
}

/**
 * Named pipes for the output of processes. Those that Node makes by itself are sockets, and a program that opens
 * `/dev/stdout` or `/dev/stderr` by name fails on these.
 */
export interface OutputPipes {
  open(): Promise<OutputPipe>;
}

/** Pipes made by one call of mkfifo. */
const BATCH = 16;

const PIPE_MODE = '600';

export function createOutputPipes(directory: string): OutputPipes {
  const idle: string[] = [];
  let count = 0;
  let making: Promise<void> | undefined;
  const make = async (): Promise<void> => {
    mkdirSync(directory, { recursive: true });
    const paths = Array.from({ length: BATCH }, () => join(directory, `pipe-${(count += 1)}`));
    await promisify(execFile)('mkfifo', ['-m', PIPE_MODE, ...paths]);
    idle.push(...paths);
    making = undefined;
  };
  return {
    open: async () => {
      let path = idle.pop();
      while (path === undefined) {
        await (making ??= make());
        path = idle.pop();
      }
      return openPipe(path, idle);
    },
  };
}

function openPipe(path: string, idle: string[]): OutputPipe {
  // The reading end is opened first and without waiting, so that neither open waits for the other.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const childEnd = openSync(path, constants.O_WRONLY);
  const output = new Socket({ fd, readable: true, writable: false });
  let isEmpty = false;
  output.once('end', () => {
    isEmpty = true;
  });
  output.once('close', () => {
    // A pipe that somebody may still write to is not used again.
    if (isEmpty) idle.push(path);
    else unlinkSync(path);
  });
  return { path, childEnd, output };
}

/** Ends a pipe whose process could not be started. */
export function discardPipe(pipe: OutputPipe): void {
  pipe.output.destroy();
  closeSync(pipe.childEnd);
}
