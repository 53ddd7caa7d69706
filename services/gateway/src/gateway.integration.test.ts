// Covers the gateway on a real nats-server: a run from its submission to its deletion, watched and with
// logs, and what happens while the server is away. The unit tests cover the rest on the in-memory bus.
import { connectBus } from '@argosy/bus';
import { eventually, startTestNats, type TestNats } from '@argosy/testkit';
import { createRpcClient } from '@argosy/rpc';
import { WorkflowService } from '@argosy/api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { helloWorkflow, startHarness, TOKEN, type Harness } from './testing/harness.ts';

const RUNS = '/api/v1/workflows/default';

let nats: TestNats;
let harness: Harness;
beforeAll(async () => {
  nats = await startTestNats();
  const bus = await connectBus({ url: nats.url, token: nats.token, name: 'gateway-test' });
  await bus.applyTopology();
  harness = await startHarness({ bus });
});
afterAll(async () => {
  await harness.stop();
  await nats.stop();
});

const manifest = (name: string): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(helloWorkflow({ name })));

it('carries a run from its submission to its deletion', async () => {
  const client = createRpcClient(WorkflowService, harness.gateway.rpcAddress, { token: TOKEN });
  const begunAtMs = performance.now();
  await client.submitWorkflow({ source: { case: 'manifest', value: manifest('whole') } });
  expect(performance.now() - begunAtMs).toBeLessThan(1_000);
  const phases: string[] = [];
  const watching = (async () => {
    for await (const { workflow } of client.watchWorkflow({ name: 'whole' })) {
      phases.push(workflow?.summary?.phase ?? '');
    }
  })();
  const lines: string[] = [];
  const reading = (async () => {
    const asked = { name: 'whole', follow: true };
    for await (const { content } of client.getLogs(asked)) lines.push(content);
  })();
  await eventually(() => {
    expect(phases).toContain('Running');
  });
  const [task] = harness.scheduler.tasks;
  if (task === undefined) throw new Error('no task');
  await harness.scheduler.log(task, 'one\ntwo\n');
  await harness.scheduler.finishTask();
  await Promise.all([watching, reading]);
  expect(phases.at(-1)).toBe('Succeeded');
  expect(lines).toEqual(['one', 'two']);
  await client.deleteWorkflow({ name: 'whole' });
  await expect(client.getWorkflow({ name: 'whole' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  client.close();
});

it('shows declared manifests at once after they were written', async () => {
  const template = {
    kind: 'WorkflowTemplate',
    metadata: { name: 'greet' },
    spec: (helloWorkflow() as { spec: object }).spec,
  };
  const path = '/api/v1/workflow-templates/default';
  expect((await harness.call('POST', path, { template })).status).toBe(200);
  const { body } = await harness.call('GET', path);
  expect(body['items']).toMatchObject([{ metadata: { name: 'greet' } }]);
});

it('is not ready while the bus is away, and goes on after it is back', async () => {
  await nats.kill();
  await eventually(async () => {
    const response = await harness.fetch('/readyz');
    expect(response.status).toBe(503);
  });
  await nats.restart();
  await eventually(
    async () => {
      const response = await harness.fetch('/readyz');
      expect(response.status).toBe(200);
    },
    { timeoutMs: 20_000 },
  );
  const created = await harness.call('POST', RUNS, { workflow: helloWorkflow({ name: 'later' }) });
  expect(created.status).toBe(200);
  await eventually(
    async () => {
      const { body } = await harness.call('GET', RUNS);
      expect(JSON.stringify(body)).toContain('"later"');
    },
    { timeoutMs: 20_000 },
  );
});
