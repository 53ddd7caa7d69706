// Covers `argosy convert` and `argosy schema`, which need no server: what they print and where, and their exit
// codes. What is converted and what the schemas say is tested in libs/model.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../program.ts';
import { createNotices } from '../view/notices.ts';
import { styleFor } from '../view/style.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'argosy-language-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function run(...argv: readonly string[]) {
  const written = { stdout: '', stderr: '' };
  const stdout = { write: (text: string) => (written.stdout += text) };
  const stderr = { write: (text: string) => (written.stderr += text) };
  const style = styleFor({ isTTY: false }, {});
  const code = await runProgram(argv, {
    stdout,
    stderr,
    stdin: (async function* () {})(),
    env: { ARGOSY_HOME: folder },
    style,
    errorStyle: style,
    notices: createNotices(stderr),
    signal: new AbortController().signal,
  });
  return { code, ...written };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const OLD = `apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
metadata: {name: c}
spec:
  schedule: "* * * * *" # each minute
  workflowSpec: {entrypoint: a}
`;

describe('argosy convert', () => {
  it('prints the manifest with the fields of Argo 4, and tells the changes on standard error', async () => {
    const { code, stdout, stderr } = await run('convert', file('old.yaml', OLD));
    expect(code).toBe(0);
    expect(stdout).toContain('schedules:');
    expect(stdout).toContain('# each minute');
    expect(stderr).toContain('old.yaml:5:');
  });

  it('refuses a file that is not YAML with its place, and prints nothing', async () => {
    const { code, stdout, stderr } = await run('convert', file('bad.yaml', 'a: [1'));
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/bad\.yaml:\d+:\d+: .*not valid YAML/);
  });
});

describe('argosy schema', () => {
  it('prints the schema of the kind', async () => {
    const { code, stdout } = await run('schema', 'CronWorkflow');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'CronWorkflow',
    });
  });

  it('prints one schema for all kinds when none is named', async () => {
    const { stdout } = await run('schema');
    const schema = JSON.parse(stdout) as { readonly $defs: Readonly<Record<string, unknown>> };
    expect(Object.keys(schema.$defs)).toContain('WorkflowEventBindingSpec');
  });

  it('refuses a kind that has no schema, and names those that have', async () => {
    const { code, stderr } = await run('schema', 'Pod');
    expect(code).toBe(2);
    expect(stderr).toContain('ClusterWorkflowTemplate');
  });
});
