// Covers the end of a workflow as an event, on separate processes: the event source follows the runs, its event holds the
// whole workflow, and a sensor makes a ConfigMap of it. Leaves out other objects and clusters (the event source's tests).
import { STREAMS } from '@argosy/api';
import { connectBus } from '@argosy/bus';
import { eventually } from '@argosy/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInstallation, type Installation } from './support/installation.ts';
import { finished, submit } from './support/runs.ts';

let installation: Installation;

beforeAll(async () => {
  installation = await startInstallation();
});

afterAll(async () => {
  await installation[Symbol.asyncDispose]();
});

const WITHIN = { timeoutMs: 30_000, intervalMs: 100 };
const API_VERSION = 'argoproj.io/v1alpha1';

const EVENT_SOURCE = {
  apiVersion: API_VERSION,
  kind: 'EventSource',
  metadata: { name: 'runs' },
  spec: {
    resource: {
      ended: {
        group: 'argoproj.io',
        version: 'v1alpha1',
        resource: 'workflows',
        namespace: 'default',
        eventTypes: ['UPDATE'],
        filter: {
          afterStart: true,
          prefix: 'watched-',
          fields: [{ key: 'status.phase', operation: '==', value: '^(Succeeded|Failed|Error)$' }],
        },
      },
    },
  },
};

const SENSOR = {
  apiVersion: API_VERSION,
  kind: 'Sensor',
  metadata: { name: 'tell' },
  spec: {
    dependencies: [{ name: 'ended', eventSourceName: 'runs', eventName: 'ended' }],
    triggers: [
      {
        template: {
          name: 'note',
          k8s: {
            operation: 'create',
            source: { inline: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n' },
            parameters: [
              ['body.metadata.name', 'metadata.name'],
              ['body.status.phase', 'data.phase'],
              ['body.spec.templates.0.name', 'data.template'],
            ].map(([dataKey, dest]) => ({ src: { dependencyName: 'ended', dataKey }, dest })),
          },
        },
      },
    ],
  },
};

describe('source resource, against a whole installation', () => {
  it('a workflow that ends is told once, with all of it, and a sensor takes values of it', async () => {
    for (const manifest of [EVENT_SOURCE, SENSOR]) {
      const manifests = new TextEncoder().encode(JSON.stringify(manifest));
      await installation.resources.applyResources({ manifests });
    }
    for (const name of ['other-1', 'watched-1']) {
      const spec = {
        entrypoint: 'main',
        templates: [{ name: 'main', suspend: { duration: '1s' } }],
      };
      const manifest = { apiVersion: API_VERSION, kind: 'Workflow', metadata: { name }, spec };
      await finished(installation, await submit(installation, manifest));
    }
    await eventually(async () => {
      const wanted = { kind: 'ConfigMap', namespace: 'default', name: 'watched-1' };
      const { resource } = await installation.resources.getResource(wanted);
      const made = JSON.parse(new TextDecoder().decode(resource?.manifestJson)) as object;
      expect(made).toMatchObject({ data: { phase: 'Succeeded', template: 'main' } });
    }, WITHIN);
    const { url, token } = installation.nats;
    await using bus = await connectBus({ url, token, name: 'test' });
    const told: unknown[] = [];
    for await (const { event } of bus.read(STREAMS.events, 'events.>')) {
      told.push(JSON.parse(new TextDecoder().decode(event.data)));
    }
    expect(told).toEqual([
      expect.objectContaining({
        type: 'UPDATE',
        body: expect.objectContaining({
          status: expect.objectContaining({ nodes: expect.anything(), phase: 'Succeeded' }),
        }),
        oldBody: expect.objectContaining({ kind: 'Workflow' }),
      }),
    ]);
  });
});
