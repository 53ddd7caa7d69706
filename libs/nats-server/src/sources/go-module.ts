import { join } from 'node:path';
import { GO_BUILD_TIMEOUT_MS, PREFERRED_VERSION } from '../constants.ts';
import { runCommand } from '../run-command.ts';
import { install } from './install.ts';
import { PROGRAM } from './present.ts';
import type { SourceContext, SourceOutcome } from './source.ts';

/**
 * Builds the Go module with the Go that the user has; Go checks the module's digest. Half a minute
 * or more.
 */
export async function fromGoModule(context: SourceContext): Promise<SourceOutcome> {
  context.onProgress(`building nats-server ${PREFERRED_VERSION} with Go (about a minute)`);
  return install(context, async (directory) => {
    const module = `github.com/nats-io/nats-server/v2@v${PREFERRED_VERSION}`;
    await runCommand('go', ['install', module], {
      timeoutMs: GO_BUILD_TIMEOUT_MS,
      env: { ...context.env, GOBIN: directory },
      signal: context.signal,
    });
    return join(directory, PROGRAM);
  });
}
