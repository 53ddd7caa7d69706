// Covers commands that take workflows by what they are instead of by name, `argosy wait`, `argosy node set` and files of
// parameters, on an installation of separate processes. Leaves out the commands by name (cli.test.ts).
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@argosy/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { argosy, type CommandEnd } from './support/command.ts';
import { startInstallation, type Installation } from './support/installation.ts';
import { getRun, submit } from './support/runs.ts';

let installation: Installation;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'argosy-choice-'));
  installation = await startInstallation();
});

afterAll(async () => {
  await installation[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const cli = (...args: readonly string[]): Promise<CommandEnd> =>
  argosy(args, {
    home: directory,
    env: { ARGOSY_SERVER: installation.rpcAddress, ARGOSY_TOKEN: installation.token },
  });

function workflow(team: string, template: object): object {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { generateName: `${team}-`, labels: { team } },
    spec: { entrypoint: 'main', templates: [{ name: 'main', ...template }] },
  };
}

const command = (...words: readonly string[]): object => ({
  container: { image: 'busybox', command: words },
});

it('wait ends when all have ended, with the outcome', async () => {
  const good = await submit(installation, workflow('wait', command('sleep', '1')));
  const bad = await submit(installation, workflow('wait', command('false')));
  expect(await cli('wait', good)).toMatchObject({ code: 0, stdout: `${good} Succeeded\n` });
  const both = await cli('wait', good, bad);
  expect(both.code).toBe(1);
  expect(both.stdout).toContain(`${bad} Failed\n`);
  expect((await cli('wait', 'nobody')).stderr).toMatch(/"nobody" not found/);
  expect((await cli('wait', 'nobody', '--ignore-not-found')).code).toBe(0);
});

it('node set gives outputs to a node that waits for somebody, and ends it', async () => {
  const outputs = { parameters: [{ name: 'answer', valueFrom: { supplied: {} } }] };
  const name = await submit(installation, workflow('set', { suspend: {}, outputs }));
  await eventually(async () => {
    const nodes = Object.values((await getRun(installation, name)).status?.nodes ?? {});
    expect(nodes.map(({ phase }) => phase)).toEqual(['Running']);
  });
  const selector = ['--node-field-selector', `displayName=${name}`];
  const values = ['-p', 'answer=yes', '--phase', 'Succeeded', '-m', 'by hand'];
  expect((await cli('node', 'set', name, ...selector, ...values)).stderr).toBe('');
  expect((await cli('wait', name)).code).toBe(0);
  const [node] = Object.values((await getRun(installation, name)).status?.nodes ?? {});
  expect(node).toMatchObject({
    phase: 'Succeeded',
    outputs: { parameters: [{ name: 'answer', value: 'yes' }] },
  });
});

it('terminate and delete take workflows by their labels, phases and age', async () => {
  const slow = await submit(installation, workflow('slow', command('sleep', '100')));
  const done = await submit(installation, workflow('done', command('true')));
  await cli('wait', done);
  expect((await cli('terminate', '-l', 'team=slow', '--dry-run')).stdout).toMatch(/\(dry run\)/);
  expect((await getRun(installation, slow)).status?.finishedAt).toBeFalsy();
  expect((await cli('terminate', '-l', 'team=slow')).stdout).toBe(`workflow ${slow} terminated\n`);
  expect((await cli('wait', slow)).code).toBe(1);
  expect((await cli('delete', '--prefix', 'done-', '--older', '1h')).stderr).toBe('no workflows\n');
  const deleted = await cli('delete', '--prefix', 'done-', '--completed', '--older', '0s');
  expect(deleted.stdout).toBe(`workflow ${done} deleted\n`);
  expect((await cli('get', done)).stderr).toMatch(/not found/);
  expect((await cli('delete', '--status', 'Failed', '-l', 'team=slow')).code).toBe(0);
  expect((await cli('get', slow)).stderr).toMatch(/not found/);
  expect((await cli('delete', '--all')).code).toBe(0);
  expect((await cli('list')).stderr).toBe('no workflows\n');
});

it('submit takes parameters from a file, those of the command line before it', async () => {
  const manifest = join(directory, 'echo.json');
  const whole = workflow('file', { suspend: { duration: '1' } }) as { spec: object };
  const parameters = [{ name: 'one' }, { name: 'two' }];
  const spec = { ...whole.spec, arguments: { parameters } };
  await writeFile(manifest, JSON.stringify({ ...whole, spec }));
  const values = join(directory, 'values.yaml');
  await writeFile(values, 'one: from the file\ntwo: from the file\n');
  const time = '2026-01-02T03:04:05Z';
  const flags = ['-f', values, '-p', 'two=by hand', '--scheduled-time', time, '-o', 'json'];
  const { stdout } = await cli('submit', manifest, '--serviceaccount', 'robot', ...flags);
  expect(JSON.parse(stdout)).toMatchObject({
    metadata: { annotations: { 'workflows.argoproj.io/scheduled-time': time } },
    spec: {
      serviceAccountName: 'robot',
      arguments: {
        parameters: [
          { name: 'one', value: 'from the file' },
          { name: 'two', value: 'by hand' },
        ],
      },
    },
  });
});
