import { VERSION_CHECK_TIMEOUT_MS } from './constants.ts';
import { runCommand } from './run-command.ts';

/**
 * The version in what `nats-server --version` prints, without the `v`; undefined when there is
 * none.
 */
export function versionIn(output: string): string | undefined {
  return /nats-server: v?(\d+\.\d+\.\d+)/.exec(output)?.[1];
}

/** Whether a dotted version is the same as or newer than another. */
export function isAtLeast(version: string, minimum: string): boolean {
  const left = version.split('.').map(Number);
  const right = minimum.split('.').map(Number);
  for (let index = 0; index < 3; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/**
 * Asks a program for its version, which also proves that it runs on this machine.
 * @throws ArgosyError UNAVAILABLE when it does not run; returns undefined when it is not
 *   nats-server.
 */
export async function versionOf(path: string, signal?: AbortSignal): Promise<string | undefined> {
  const output = await runCommand(path, ['--version'], {
    timeoutMs: VERSION_CHECK_TIMEOUT_MS,
    signal,
  });
  return versionIn(output);
}
