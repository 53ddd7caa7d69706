import { spawn } from 'node:child_process';
import { ArgosyError } from '@argosy/base';

export interface CommandOptions {
  readonly timeoutMs: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** Only the end of the output is kept: it is where tools say what went wrong. */
const OUTPUT_KEPT_CHARACTERS = 4_000;

/**
 * Runs a program without a shell and returns what it printed on stdout and stderr together.
 * @throws ArgosyError UNAVAILABLE when it does not exist, fails or takes too long; CANCELLED on
 *   abort.
 */
export async function runCommand(
  path: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<string> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal =
    options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  const name = `${path} ${args[0] ?? ''}`.trim();
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, {
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-OUTPUT_KEPT_CHARACTERS);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => {
      reject(failure(error, name, options));
    });
    child.once('close', (code, killedBy) => {
      if (code === 0) resolve(output);
      else reject(failed(name, code ?? killedBy ?? 'unknown', output));
    });
  });
}

function failure(error: Error, name: string, options: CommandOptions): ArgosyError {
  if (options.signal?.aborted === true) {
    return new ArgosyError('CANCELLED', `"${name}" was cancelled`, { cause: error });
  }
  const why =
    error.name === 'AbortError' ? `took longer than ${options.timeoutMs} ms` : error.message;
  return new ArgosyError('UNAVAILABLE', `"${name}" did not run: ${why}`, { cause: error });
}

function failed(name: string, outcome: number | string, output: string): ArgosyError {
  const lastLines = output.trim().split('\n').slice(-3).join(' | ');
  return new ArgosyError('UNAVAILABLE', `"${name}" ended with ${outcome}: ${lastLines}`);
}
