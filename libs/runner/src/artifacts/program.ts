import { spawn, type ChildProcess } from 'node:child_process';
import { PassThrough, type Readable } from 'node:stream';
import { ArgosyError } from '@argosy/base';

export interface ProgramOptions {
  readonly workingDirectory?: string;
  /** Added to the executor's own environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Most bytes of a program's standard error that are quoted. */
const ERROR_BYTES_MAX = 2_048;

/**
 * Runs a program of the host to its end.
 * @throws ArgosyError NOT_FOUND when it is not installed, FAILED_PRECONDITION with what it said when it failed.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<void> {
  const child = start(program, args, options);
  child.stdout?.resume();
  await endOf(program, child);
}

/** The standard output of a program; reading it ends with an error when the program fails. */
export function streamProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<Readable> {
  const child = start(program, args, options);
  const output = new PassThrough();
  const ended = endOf(program, child);
  child.stdout?.pipe(output, { end: false });
  ended.then(
    () => output.end(),
    (error: unknown) => output.destroy(error as Error),
  );
  return Promise.resolve(output);
}

function start(program: string, args: readonly string[], options: ProgramOptions): ChildProcess {
  return spawn(program, [...args], {
    cwd: options.workingDirectory,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

function endOf(program: string, child: ChildProcess): Promise<void> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-ERROR_BYTES_MAX);
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => reject(startError(program, error)));
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new ArgosyError('FAILED_PRECONDITION', `${program} failed: ${said.trim()}`));
    });
  });
}

function startError(program: string, error: NodeJS.ErrnoException): ArgosyError {
  if (error.code !== 'ENOENT') return ArgosyError.fromUnknown(error);
  const message = `the program "${program}" is needed for this; install it on the host of the service`;
  return new ArgosyError('NOT_FOUND', message, { cause: error });
}
