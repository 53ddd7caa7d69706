// Writes schemas/*.schema.json, the JSON Schemas that editors read, from the tables that manifests are read
// with. `--check` writes nothing and fails when a file is not what the tables say.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  anyManifestJsonSchema,
  formatJsonSchema,
  manifestJsonSchema,
  SCHEMA_KINDS,
} from '@argosy/model';

const folder = join(import.meta.dirname, '..', 'schemas');
const isCheck = process.argv.includes('--check');

const files = new Map([
  ...SCHEMA_KINDS.map((kind) => [kind, manifestJsonSchema(kind)] as const),
  ['Manifest', anyManifestJsonSchema()] as const,
]);

const stale: string[] = [];
if (!isCheck) mkdirSync(folder, { recursive: true });
for (const [name, schema] of files) {
  const file = `${name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}.schema.json`;
  const path = join(folder, file);
  const text = formatJsonSchema(schema);
  if (textOf(path) === text) continue;
  stale.push(file);
  if (!isCheck) writeFileSync(path, text);
}

if (isCheck && stale.length > 0) {
  process.stderr.write(`not what the tables say: schemas/${stale.join(', schemas/')}\n`);
  process.stderr.write('run: node tools/schemas.ts\n');
  process.exitCode = 1;
} else {
  process.stdout.write(`schemas: ${files.size} files, ${isCheck ? 0 : stale.length} written\n`);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
