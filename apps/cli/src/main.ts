#!/usr/bin/env node
// The entry of the `argosy` command: signals, broken pipes, exit code.
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { processContext, runProgram } = await import('./program.ts');

/** 128 + SIGPIPE: what shells report of a program whose reader went away. */
const EXIT_BROKEN_PIPE = 141;
const EXIT_INTERRUPTED = 130;

const interruption = new AbortController();
let brokenPipe = false;

for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // The second signal does not wait for an orderly end.
    if (interruption.signal.aborted) process.exit(EXIT_INTERRUPTED);
    interruption.abort();
  });
}
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exit(1);
    // `argosy logs -f NAME | head` closes the pipe: what goes on ends in order, with nobody to tell.
    brokenPipe = true;
    interruption.abort();
  });
}

const exitCode = await runProgram(process.argv.slice(2), processContext(interruption.signal));
process.exitCode = brokenPipe && exitCode === EXIT_INTERRUPTED ? EXIT_BROKEN_PIPE : exitCode;
