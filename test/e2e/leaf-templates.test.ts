// Covers the leaf templates that are no processes, through the whole line: data over stored artifacts, a plugin, and
// resource templates that start other workflows.
// Leaves out http templates, which the conformance cases have.
import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { temporaryDirectory, type TemporaryDirectory } from '@argosy/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { argosy, EXAMPLES } from './support/command.ts';

let home: TemporaryDirectory;
beforeEach(async () => {
  home = await temporaryDirectory('argosy-leaves-');
});
afterEach(() => home.remove());

it('a data template lists what earlier steps stored, for a loop over it', async () => {
  const manifest = join(EXAMPLES, 'data-and-artifacts.yaml');
  const end = await argosy(['run', manifest], { home: home.path });
  expect(end.code, end.stdout + end.stderr).toBe(0);
  const lines = end.stdout.split('\n').filter((line) => line.includes(': from '));
  expect(lines.map((line) => line.replace(/.*: /, '')).sort()).toEqual([
    'from monday.log',
    'from tuesday.log',
  ]);
});

it('a plugin template is run by the plugin that a ConfigMap declares', async () => {
  const plugin = createServer((_, response) => {
    response.end('{"node":{"phase":"Succeeded","message":"hi from the plugin"}}');
  });
  await new Promise<void>((resolve) => plugin.listen(0, '127.0.0.1', resolve));
  const { port } = plugin.address() as AddressInfo;
  const manifests = [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'hello-executor-plugin' },
      data: { 'sidecar.container': `name: hello\nports: [{containerPort: ${port}}]\n` },
    },
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Workflow',
      metadata: { name: 'plugged' },
      spec: { entrypoint: 'main', templates: [{ name: 'main', plugin: { hello: { a: 1 } } }] },
    },
  ];
  const input = manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
  const end = await argosy(['run', '-'], { home: home.path, input });
  plugin.close();
  expect(end.code, end.stdout + end.stderr).toBe(0);
  expect(end.stdout).toContain('hi from the plugin');
});

it('a workflow of workflows waits for the workflows that it starts, and reads how they ended', async () => {
  const manifest = join(EXAMPLES, 'workflow-of-workflows.yaml');
  const end = await argosy(['run', manifest], { home: home.path });
  expect(end.code, end.stdout + end.stderr).toBe(0);
  expect(end.stdout.match(/"phase":"Succeeded"/g)).toHaveLength(4);
});

it('more workflows than tasks fit at once can be waited for, and still run', async () => {
  // Four processes for each core are run at a time.
  const count = 5 * availableParallelism() + 2;
  const child = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { generateName: 'child-' },
    spec: {
      entrypoint: 'a',
      templates: [{ name: 'a', container: { image: 'busybox', command: ['true'] } }],
    },
  };
  const parent = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name: 'wide' },
    spec: {
      entrypoint: 'main',
      templates: [
        {
          name: 'main',
          steps: [[{ name: 's', template: 'start', withSequence: { count: String(count) } }]],
        },
        {
          name: 'start',
          resource: {
            action: 'create',
            manifest: JSON.stringify(child),
            successCondition: 'status.phase == Succeeded',
          },
        },
      ],
    },
  };
  const end = await argosy(['run', '-'], {
    home: home.path,
    input: JSON.stringify(parent),
  });
  expect(end.code, end.stdout + end.stderr).toBe(0);
});
