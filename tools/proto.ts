// Lints the .proto files, checks that the generated code is what they say, and that nothing changed in a way
// that breaks those who use the released API (proto/released.binpb, rewritten with `--release`).
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const buf = (...args: readonly string[]): void => {
  execFileSync('npx', ['buf', ...args], { cwd: root, stdio: 'inherit' });
};

buf('lint');
if (process.argv.includes('--release')) buf('build', '-o', 'proto/released.binpb');
buf('breaking', '--against', 'proto/released.binpb');

const before = mkdtempSync(join(tmpdir(), 'argosy-proto-'));
try {
  cpSync(join(root, 'libs/api/src/gen'), before, { recursive: true });
  buf('generate');
  execFileSync('diff', ['-r', before, join(root, 'libs/api/src/gen')], { stdio: 'inherit' });
  process.stdout.write('proto: linted, nothing broken, generated code up to date\n');
} catch {
  process.stderr.write('libs/api/src/gen was not what proto/ says; it is now: commit it\n');
  process.exitCode = 1;
} finally {
  rmSync(before, { recursive: true });
}
