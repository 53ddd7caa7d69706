// Covers which paths in a command are replaced where no private mounts are possible. Writes to a temporary
// directory; starts no process.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory, type TemporaryDirectory } from '@argosy/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRewriteRoot } from './rewrite-root.ts';
import type { TaskRoot } from './task-root.ts';

let directory: TemporaryDirectory;
let root: TaskRoot;
beforeEach(async () => {
  directory = await temporaryDirectory();
  root = createRewriteRoot({
    directory: directory.path,
    standInsDirectory: directory.path,
    inputPaths: ['/in'],
    outputPaths: ['/tmp/out', '/tmp/out/deep.txt'],
    volumes: [{ hostPath: '/host', mountPath: '/mnt/v', readOnly: false }],
  });
});
afterEach(() => directory.remove());

test.each([
  ['cat /in', 'cat ROOT/in'],
  ['cat </in >/tmp/out', 'cat <ROOT/in >ROOT/tmp/out'],
  ['"/tmp/out/other"', '"ROOT/tmp/out/other"'],
  ['/tmp/out/deep.txt,/tmp/out', 'ROOT/tmp/out/deep.txt,ROOT/tmp/out'],
  ['--file=/in', '--file=ROOT/in'],
  ['open("/in")', 'open("ROOT/in")'],
  ['/mnt/v/x', '/host/x'],
  ['/argosay echo', 'ROOT/argo/stand-ins/argosay echo'],
  ['/input /in.txt /in-2 /a/in $X/in', '/input /in.txt /in-2 /a/in $X/in'],
  ['/tmp/other', '/tmp/other'],
])('%s becomes %s', (given, expected) => {
  expect(root.rewrite(given)).toBe(expected.replaceAll('ROOT', join(directory.path, 'root')));
});

test('the place of an input has its parents', () => {
  const place = root.placeOf('/a/b/c');
  expect(existsSync(join(place, '..'))).toBe(true);
});

test("an output that the task did not write in its root is looked for at the host's path", () => {
  expect(root.findOf('/etc/hosts')).toBe('/etc/hosts');
});
