// Installs the npm packages when they are missing or older than the lock file, so that `npm start` and
// `npm test` are the only commands a newcomer needs. Runs before the install: plain JavaScript, Node 20.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';

const root = join(import.meta.dirname, '..');
const marker = join(root, 'node_modules', '.argosy-lock-hash');
const lockHash = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

const installed = existsSync(marker) && readFileSync(marker, 'utf8') === lockHash;
/** Runs npm with its output on standard error; true when it succeeded. */
function npm(command) {
  const program = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const result = spawnSync(program, [command, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  return result.status === 0;
}

if (!installed) {
  process.stderr.write('Installing npm packages (once; about a minute) …\n');
  // A tree that is there is brought up to date in place; `ci` would throw it away first.
  const isFresh = !existsSync(join(root, 'node_modules'));
  if (!(isFresh && npm('ci')) && !npm('install')) {
    process.stderr.write(
      'npm failed: see its message above. Check that the npm registry is reachable, then try again.\n',
    );
    process.exit(1);
  }
  writeFileSync(marker, lockHash);
}
