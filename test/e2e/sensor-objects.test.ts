// Covers a sensor's triggers that work on kept objects, through the real gateway, on separate processes: an object
// is created with a value of the event, and a run is submitted again. Leaves out what is refused (unit tests).
import { eventSubject } from '@argosy/api';
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

/** A Sensor on events `orders` of `shop`. */
function sensor(...templates: readonly object[]): Uint8Array {
  const dependencies = [{ name: 'orders', eventSourceName: 'shop', eventName: 'orders' }];
  const triggers = templates.map((template) => ({ template }));
  const metadata = { name: 'objects', namespace: 'default' };
  const spec = { dependencies, triggers };
  return new TextEncoder().encode(
    JSON.stringify({ apiVersion: API_VERSION, kind: 'Sensor', metadata, spec }),
  );
}

async function send(id: string): Promise<void> {
  const { url, token } = installation.nats;
  await using bus = await connectBus({ url, token, name: 'test' });
  const address = { namespace: 'default', eventBus: 'default', eventSource: 'shop' };
  const data = new TextEncoder().encode('{"color":"blue"}');
  await bus.publish({
    subject: eventSubject({ ...address, eventName: 'orders' }),
    event: { id, source: 'shop', type: 'webhook', subject: 'orders', data },
  });
}

describe('trigger k8s, against a whole installation', () => {
  it('an event creates a ConfigMap with its value and submits a finished run again', async () => {
    const former = await submit(installation, {
      apiVersion: API_VERSION,
      kind: 'Workflow',
      metadata: { name: 'again' },
      spec: { entrypoint: 'main', templates: [{ name: 'main', suspend: { duration: '0s' } }] },
    });
    await finished(installation, former);
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'made' } };
    const color = { src: { dependencyName: 'orders', dataKey: 'color' }, dest: 'data.color' };
    const k8s = { operation: 'create', source: { resource: configMap }, parameters: [color] };
    const run = { apiVersion: API_VERSION, kind: 'Workflow', metadata: { name: former } };
    const argoWorkflow = { operation: 'resubmit', source: { resource: run } };
    const manifests = sensor({ name: 'make', k8s }, { name: 'resubmit', argoWorkflow });
    await installation.resources.applyResources({ manifests });
    await send('e1');
    await eventually(async () => {
      const wanted = { kind: 'ConfigMap', namespace: 'default', name: 'made' };
      const { resource } = await installation.resources.getResource(wanted);
      const made = JSON.parse(new TextDecoder().decode(resource?.manifestJson)) as object;
      expect(made).toMatchObject({
        data: { color: 'blue' },
        metadata: { labels: { 'events.argoproj.io/sensor': 'objects' } },
      });
    }, WITHIN);
    await eventually(async () => {
      const { workflows } = await installation.workflows.listWorkflows({ namespace: 'default' });
      const names = workflows.map((workflow) => workflow.name);
      expect(names.filter((name) => name.startsWith('again-'))).toHaveLength(1);
    }, WITHIN);
  });
});
