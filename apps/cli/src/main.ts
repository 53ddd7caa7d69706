#!/usr/bin/env node
// The entry of the `argosy` command: signals, exit code.
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { processContext, runProgram } = await import('./program.ts');

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // The second signal does not wait for an orderly end.
    if (interruption.signal.aborted) process.exit(130);
    interruption.abort();
  });
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `argosy list | head` closes the pipe: that is no failure.
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

process.exitCode = await runProgram(process.argv.slice(2), processContext(interruption.signal));
