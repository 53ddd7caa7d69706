// Whole files against the published schemas: this repository's examples and, where the corpus of
// conformance cases is (CONFORMANCE_DIR), Argo's own. What each rule of the schemas says is tested in
// json-schema.test.ts.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parseManifests } from '../parse/manifests.ts';
import { readYaml } from '../parse/yaml-text.ts';
import { anyManifestJsonSchema, isSchemaKind } from './json-schema.ts';

/** Nearly 800 files, on machines that have much else to do. */
const TIMEOUT_MS = 120_000;

const ROOT = join(import.meta.dirname, '../../../..');
const CORPUS = process.env['CONFORMANCE_DIR'] ?? join(ROOT, '..', 'shared', 'conformance');
const FILES = join(CORPUS, 'workflows', 'files');

const validate = new Ajv2020({ strictTypes: false, validateFormats: false }).compile(
  anyManifestJsonSchema(),
);

/** Files that are sound for the reader, and refused by the schema with good reason. */
const REFUSED = new Map([
  ['inline/e2e/cron_test/TestBasic.6.yaml', 'labels: is empty'],
  ['test/e2e/expectedfailures/empty-parameter-dag.yaml', 'parameters: is empty'],
  ['test/e2e/expectedfailures/empty-parameter-steps.yaml', 'parameters: is empty'],
  ['test/e2e/testdata/workflow-template-invalid-entrypoint.yaml', 'a mount without mountPath'],
  ['test/e2e/testdata/workflow-template-invalid-onexit.yaml', 'a mount without mountPath'],
  ['inline/validate/validate_test/invalidActionResourceWorkflow.yaml', 'an unknown action'],
  ['inline/validate/validate_test/invalidMetricHelp.yaml', 'a metric without help'],
  ['inline/validate/validate_test/invalidNoValueMetricGauge.yaml', 'a gauge without value'],
  ['inline/validate/validate_test/invalidPodGC.yaml', 'an unknown strategy'],
  ['inline/validate/validate_dag_test/dagArgParamValueFromConfigMapInTask.yaml', 'no metadata'],
  ['inline/validate/validate_dag_test/dagMissingParamValueInTask.yaml', 'no metadata'],
  ['inline/validate/validate_dag_test/failDagArgParamValueFromPathInTask.yaml', 'no metadata'],
]);

/** What the schema says of the manifests in a file; empty when they pass. */
function problemsOf(path: string): readonly string[] {
  const problems: string[] = [];
  for (const { value } of readYaml(readFileSync(path, 'utf8'))) {
    const manifest = plain(value) as { readonly kind?: string } | null;
    if (manifest === null || !isSchemaKind(manifest.kind ?? '') || validate(manifest)) continue;
    for (const { instancePath, message } of validate.errors ?? []) {
      problems.push(`${instancePath} ${message ?? ''}`);
    }
  }
  return problems;
}

/** Whole numbers are bigints as they come from the text. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, part: unknown) =>
      typeof part === 'bigint' ? Number(part) : part,
    ),
  );
}

function manifestFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => join(folder, name));
}

describe('the published schemas', () => {
  it('let the examples of this repository pass', () => {
    const files = manifestFiles(join(ROOT, 'examples'));
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect(problemsOf(file), file).toEqual([]);
  });

  it(
    'agree with strict reading on every file of the corpus',
    () => {
      if (!existsSync(FILES)) {
        process.stderr.write(`Not checked: no ${FILES}; CONFORMANCE_DIR names the corpus\n`);
        return;
      }
      const disagreed: string[] = [];
      let passed = 0;
      for (const file of manifestFiles(FILES)) {
        const { problems } = parseManifests(readFileSync(file, 'utf8'), {
          strict: true,
          requireName: false,
        });
        const isSound = problems.every(({ severity }) => severity !== 'error');
        const isRefused = problemsOf(file).length > 0;
        passed += isRefused ? 0 : 1;
        const name = relative(FILES, file);
        // A key given twice is an error of the text, which no schema sees.
        const isTwice = problems.some(({ message }) => message.includes('is given twice'));
        const isKind = problems.some(({ message }) => message.startsWith('kind is required'));
        if (isSound === isRefused && !REFUSED.has(name) && !isTwice && !isKind)
          disagreed.push(name);
      }
      expect(disagreed).toEqual([]);
      expect(passed).toBeGreaterThan(700);
    },
    TIMEOUT_MS,
  );
});
