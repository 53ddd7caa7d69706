// Covers that docs/cli.md is what the commands say of themselves.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commandReference } from './reference.ts';

const FILE = join(import.meta.dirname, '..', '..', '..', 'docs', 'cli.md');

it('docs/cli.md is made from the commands (npx vitest run --project unit apps/cli -u)', async () => {
  await expect(commandReference()).toMatchFileSnapshot(FILE);
});
