import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory that is removed with all it holds when it goes out of scope (`await using`). */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
  remove(): Promise<void>;
}

/** A new empty directory under the system's directory for temporary files. */
export async function temporaryDirectory(prefix = 'argosy-test-'): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  const remove = async (): Promise<void> => {
    await rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
  };
  return { path, remove, [Symbol.asyncDispose]: remove };
}
