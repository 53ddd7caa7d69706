import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { accept, cachedPath } from './present.ts';
import type { SourceContext, SourceOutcome } from './source.ts';

const EXECUTABLE_MODE = 0o755;

/**
 * Lets `fetch` put the program into a fresh directory, checks it, and moves it to its place in one
 * step, so that a crash or a second process never leaves half a program in the cache.
 * @param fetch returns the path of the program inside the directory it is given.
 */
export async function install(
  context: SourceContext,
  fetch: (directory: string) => Promise<string>,
): Promise<SourceOutcome> {
  await mkdir(context.installDirectory, { recursive: true });
  const directory = await mkdtemp(join(context.installDirectory, 'obtaining-'));
  try {
    const fetched = await fetch(directory);
    await chmod(fetched, EXECUTABLE_MODE);
    const outcome = await accept(fetched, context.signal);
    if (outcome.kind === 'Absent') return outcome;
    const path = cachedPath(context);
    await rename(fetched, path);
    return { ...outcome, path };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
