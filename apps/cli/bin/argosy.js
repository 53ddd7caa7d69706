#!/usr/bin/env node
// What `argosy` on the PATH starts. The sources are TypeScript that Node runs as it is from 22.18 on; with an older
// Node the one that the project brings along takes over. Plain JavaScript, so that any Node reads it.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSION_MIN = [22, 18];

const here = dirname(realpathSync(fileURLToPath(import.meta.url)));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isNewEnough = major > VERSION_MIN[0] || (major === VERSION_MIN[0] && minor >= VERSION_MIN[1]);

if (isNewEnough) {
  await import('../src/main.ts');
} else {
  const node = join(here, '..', '..', '..', 'node_modules', '.bin', 'node');
  if (existsSync(node)) {
    handOver(node);
  } else {
    process.stderr.write(
      `error: argosy needs Node ${VERSION_MIN.join('.')} or newer, this is ${process.versions.node}: ` +
        'run `npm install` in its folder, which brings one along\n',
    );
    process.exitCode = 1;
  }
}

/** Runs the command in another Node: its streams are ours, its end too. */
function handOver(node) {
  const main = join(here, '..', 'src', 'main.ts');
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both: the command decides what becomes of it.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
