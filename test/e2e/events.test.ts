// Covers the way from a webhook to finished runs while services are down, on separate processes and a real
// nats-server. Leaves out other event sources than the webhook.
import { freePort } from '@argosy/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@argosy/testkit';
import { startInstallation, type Installation } from './support/installation.ts';

let installation: Installation;
let port: number;

const encoder = new TextEncoder();

async function apply(...manifests: readonly object[]): Promise<void> {
  for (const manifest of manifests) {
    await installation.resources.applyResources({
      manifests: encoder.encode(JSON.stringify(manifest)),
    });
  }
}

/** A run without tasks: its only step is skipped, so that a thousand of them are quick. */
const NOTE_TEMPLATE = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'WorkflowTemplate',
  metadata: { name: 'note' },
  spec: {
    entrypoint: 'main',
    arguments: { parameters: [{ name: 'number' }] },
    templates: [
      { name: 'main', steps: [[{ name: 'skipped', template: 'leaf', when: 'false' }]] },
      { name: 'leaf', container: { image: 'busybox', command: ['true'] } },
    ],
  },
};

function eventSource(name: string): object {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'EventSource',
    metadata: { name },
    spec: { webhook: { note: { port: String(port), endpoint: `/${name}`, method: 'POST' } } },
  };
}

function sensor(name: string): object {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Sensor',
    metadata: { name },
    spec: {
      dependencies: [{ name: 'note', eventSourceName: name, eventName: 'note' }],
      triggers: [
        {
          template: {
            name: 'run',
            argoWorkflow: {
              operation: 'submit',
              source: {
                resource: {
                  apiVersion: 'argoproj.io/v1alpha1',
                  kind: 'Workflow',
                  metadata: { generateName: `${name}-` },
                  spec: {
                    workflowTemplateRef: { name: 'note' },
                    arguments: { parameters: [{ name: 'number', value: 'none' }] },
                  },
                },
              },
              parameters: [
                {
                  src: { dependencyName: 'note', dataKey: 'body.number' },
                  dest: 'spec.arguments.parameters.0.value',
                },
              ],
            },
          },
        },
      ],
    },
  };
}

async function post(path: string, number: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ number }),
  });
  await response.text();
  return response.status;
}

/** Declares the pair and waits until the endpoint and the sensor's consumer are there. */
async function declare(name: string): Promise<void> {
  await apply(NOTE_TEMPLATE, sensor(name), eventSource(name));
  await eventually(async () => (await post(name, -1)) === 200);
  await eventually(async () => (await runsOf(name)).length === 1);
}

async function runsOf(name: string): Promise<readonly { phase: string; uid: string }[]> {
  const { workflows } = await installation.workflows.listWorkflows(
    { namespace: 'default', filter: { namePrefix: `${name}-` } },
    { deadlineMs: 30_000 },
  );
  return workflows;
}

beforeAll(async () => {
  port = await freePort();
  installation = await startInstallation();
});

afterAll(async () => {
  await installation[Symbol.asyncDispose]();
});

describe('trigger argoWorkflow, against a whole installation', () => {
  it('posted 1,000 times while the sensor is down lead to 1,000 runs when it is back', async () => {
    await declare('absent');
    await installation.kill('sensor');
    let stored = 0;
    const posters = Array.from({ length: 8 }, async (_, first) => {
      for (let number = first; number < 1_000; number += 8) {
        if ((await post('absent', number)) === 200) stored += 1;
      }
    });
    await Promise.all(posters);
    expect(stored).toBe(1_000);
    await installation.start('sensor');
    await eventually(
      async () => {
        const runs = await runsOf('absent');
        const ended = runs.filter((run) => run.phase === 'Succeeded').length;
        if (ended !== 1_001) throw new Error(`${ended} of 1001 runs have succeeded`);
      },
      { timeoutMs: 100_000, intervalMs: 500 },
    );
  });

  it('are neither lost nor doubled when the sensor is killed again and again', async () => {
    await declare('shaky');
    const posting = (async () => {
      for (let number = 0; number < 200; number += 1) expect(await post('shaky', number)).toBe(200);
    })();
    for (let round = 0; round < 3; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      await installation.kill('sensor');
      await installation.start('sensor');
    }
    await posting;
    await eventually(
      async () => {
        const runs = await runsOf('shaky');
        if (runs.length < 201) throw new Error(`${runs.length} of 201 runs`);
      },
      { timeoutMs: 60_000, intervalMs: 200 },
    );
    // Nothing further may come: the sensor is idle now.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await runsOf('shaky')).toHaveLength(201);
  });

  it('are not acknowledged to their sender while they cannot be stored', async () => {
    await declare('careful');
    await installation.nats.kill();
    const answer = post('careful', 1).catch(() => 0);
    const first = await Promise.race([
      answer,
      new Promise<string>((resolve) => setTimeout(resolve, 1_000, 'no answer yet')),
    ]);
    expect(first).not.toBe(200);
    await installation.nats.restart();
    await answer;
  });
});
