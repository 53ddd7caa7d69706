// Covers the public gRPC API over a real socket: each service's methods, streams, errors, tokens. What the
// methods share with REST is covered there in depth.
import {
  ApplyResourcesRequest_Mode,
  EventService,
  InfoService,
  ResourceService,
  WorkflowService,
} from '@argosy/api';
import { createRpcClient } from '@argosy/rpc';
import { eventually } from '@argosy/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { helloWorkflow, startHarness, TOKEN, type Harness } from './testing/harness.ts';

let harness: Harness;
const closers: (() => void)[] = [];
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await harness.stop();
});

function connect<Service extends Parameters<typeof createRpcClient>[0]>(
  service: Service,
  token = TOKEN,
): ReturnType<typeof createRpcClient<Service>> {
  const client = createRpcClient(service, harness.gateway.rpcAddress, { token });
  closers.push(() => {
    client.close();
  });
  return client;
}

const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

describe('WorkflowService', () => {
  it('submits, gets and lists with typed summaries and nodes', async () => {
    const client = connect(WorkflowService);
    const manifest = bytes(helloWorkflow());
    const submitted = await client.submitWorkflow({
      source: { case: 'manifest', value: manifest },
      options: { name: 'named', parameters: { who: 'me' }, labels: { a: 'b' } },
    });
    expect(submitted.summary).toMatchObject({ name: 'named', namespace: 'default' });
    await harness.scheduler.finishTask({ result: 'hi' });
    const { workflow } = await client.getWorkflow({ name: 'named' });
    expect(workflow?.summary).toMatchObject({ phase: 'Succeeded', progress: '1/1' });
    expect(workflow?.nodes).toMatchObject([{ type: 'Pod', phase: 'Succeeded', podName: 'named' }]);
    const object = JSON.parse(new TextDecoder().decode(workflow?.workflowJson)) as object;
    expect(object).toMatchObject({ kind: 'Workflow', metadata: { name: 'named' } });
    const latest = await client.getWorkflow({ name: '@latest' });
    expect(latest.workflow?.summary?.name).toBe('named');
    const filter = { labelSelector: 'a=b', phases: ['Succeeded'] };
    const { workflows } = await client.listWorkflows({ filter });
    expect(workflows.map((one) => one.name)).toEqual(['named']);
    expect((await client.listWorkflows({ filter: { phases: ['Failed'] } })).workflows).toEqual([]);
  });

  it('names file and line of what is wrong in a manifest', async () => {
    const client = connect(WorkflowService);
    const text =
      'apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {generateName: a-}\nspec: 7\n';
    const call = client.submitWorkflow({
      source: { case: 'manifest', value: bytes(text) },
      file: 'flow.yaml',
    });
    await expect(call).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/^flow\.yaml:4:\d+: /) as string,
    });
    const lint = await client.lintWorkflow({ manifests: bytes(text), file: 'flow.yaml' });
    expect(lint.problems[0]).toMatchObject({ severity: 'error', line: 4, file: 'flow.yaml' });
  });

  it('watches one run until it is finished', async () => {
    const client = connect(WorkflowService);
    await client.submitWorkflow({
      source: { case: 'manifest', value: bytes(helloWorkflow({ name: 'w' })) },
    });
    const phases: string[] = [];
    const watching = (async () => {
      for await (const { workflow } of client.watchWorkflow({ name: 'w' })) {
        phases.push(workflow?.summary?.phase ?? '');
      }
    })();
    await eventually(() => {
      expect(phases).toContain('Running');
    });
    await harness.scheduler.finishTask();
    await watching;
    expect(phases.at(-1)).toBe('Succeeded');
  });

  it('sends a watcher of changes the whole run first and then only what changed', async () => {
    const client = connect(WorkflowService);
    await client.submitWorkflow({
      source: { case: 'manifest', value: bytes(helloWorkflow({ name: 'w' })) },
    });
    const seen: { isChange: boolean; nodes: string[]; keys: string[] }[] = [];
    const watching = (async () => {
      const request = { name: 'w', includeJson: true, changesOnly: true };
      for await (const { workflow, isChange } of client.watchWorkflow(request)) {
        const json = JSON.parse(new TextDecoder().decode(workflow?.workflowJson)) as object;
        const nodes = workflow?.nodes.map(({ phase }) => phase) ?? [];
        seen.push({ isChange, nodes, keys: Object.keys(json) });
      }
    })();
    await eventually(() => {
      expect(seen.at(-1)?.nodes).toEqual(['Pending']);
    });
    await harness.scheduler.finishTask();
    await watching;
    expect(seen[0]).toMatchObject({
      isChange: false,
      keys: expect.arrayContaining(['spec']) as [],
    });
    expect(seen.at(-1)).toMatchObject({ isChange: true, nodes: ['Succeeded'] });
    expect(seen.at(-1)?.keys).not.toContain('spec');
  });

  it('watches all runs, with a mark after those that were there', async () => {
    const client = connect(WorkflowService);
    await client.submitWorkflow({
      source: { case: 'manifest', value: bytes(helloWorkflow({ name: 'a' })) },
    });
    const seen: string[] = [];
    const leaving = new AbortController();
    const watching = (async () => {
      for await (const { type, workflow } of client.watchWorkflows(
        {},
        { signal: leaving.signal },
      )) {
        seen.push(`${type} ${workflow?.name ?? ''}`);
      }
    })();
    await eventually(() => {
      expect(seen).toEqual(['1 a', '4 ']);
    });
    await client.submitWorkflow({
      source: { case: 'manifest', value: bytes(helloWorkflow({ name: 'b' })) },
    });
    await eventually(() => {
      expect(seen).toContain('1 b');
    });
    leaving.abort();
    await watching;
  });

  it('streams logs, line by line', async () => {
    const client = connect(WorkflowService);
    await client.submitWorkflow({
      source: { case: 'manifest', value: bytes(helloWorkflow({ name: 'l' })) },
    });
    const [task] = harness.scheduler.tasks;
    if (task === undefined) throw new Error('no task');
    await harness.scheduler.log(task, 'out\n');
    await harness.scheduler.log(task, 'bad\n', 'stderr');
    await harness.scheduler.finishTask();
    const lines = [];
    for await (const line of client.getLogs({ name: 'l', follow: true })) lines.push(line);
    expect(lines).toMatchObject([
      { content: 'out', stream: 'stdout', container: 'main', nodeId: task.nodeId },
      { content: 'bad', stream: 'stderr', displayName: 'l', podName: task.podName },
    ]);
  });

  it('controls and deletes runs; a refusal keeps its code', async () => {
    const client = connect(WorkflowService);
    await client.submitWorkflow({
      source: { case: 'manifest', value: bytes(helloWorkflow({ name: 'c' })) },
    });
    const run = { name: 'c' };
    expect((await client.suspendWorkflow(run)).summary?.suspended).toBe(true);
    expect((await client.resumeWorkflow(run)).summary?.suspended).toBe(false);
    await client.terminateWorkflow(run);
    await expect(client.stopWorkflow(run)).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    await client.deleteWorkflow(run);
    await expect(client.getWorkflow(run)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('refuses a wrong token', async () => {
    const client = connect(WorkflowService, 'wrong');
    await expect(client.listWorkflows({})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('ResourceService', () => {
  const yaml = `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {a: "1"}
---
apiVersion: v1
kind: Secret
metadata: {name: hidden}
stringData: {password: very-secret}
`;

  it('applies several manifests and says what became of each', async () => {
    const client = connect(ResourceService);
    const apply = async (text: string) =>
      (await client.applyResources({ manifests: bytes(text) })).resources.map((one) => one.outcome);
    expect(await apply(yaml)).toEqual([1, 1]);
    expect(await apply(yaml)).toEqual([3, 3]);
    expect(await apply(yaml.replace('"1"', '"2"'))).toEqual([2, 3]);
    const { resources } = await client.listResources({ kind: 'configmaps' });
    expect(resources).toMatchObject([
      { kind: 'ConfigMap', namespace: 'default', name: 'settings' },
    ]);
  });

  it('never shows the values of a Secret', async () => {
    const client = connect(ResourceService);
    const applied = await client.applyResources({ manifests: bytes(yaml) });
    const got = await client.getResource({ kind: 'Secret', name: 'hidden' });
    const listed = await client.listResources({ kind: 'Secret' });
    const shown = [
      ...applied.resources.map((one) => one.resource),
      got.resource,
      ...listed.resources,
    ]
      .map((one) => new TextDecoder().decode(one?.manifestJson))
      .join();
    expect(shown).toContain('password');
    expect(shown).not.toContain('very-secret');
  });

  it('writes nothing when one of several is wrong', async () => {
    const client = connect(ResourceService);
    const text = `${yaml}---\nkind: WorkflowTemplate\nmetadata: {name: t}\nspec: {entrypoint: none, templates: []}\n`;
    await expect(client.applyResources({ manifests: bytes(text) })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    expect((await client.listResources({ kind: 'ConfigMap' })).resources).toEqual([]);
  });

  it('creates only what is not there and replaces only what is, when it is told so', async () => {
    const client = connect(ResourceService);
    const manifests = bytes('kind: ConfigMap\nmetadata: {name: only}\ndata: {a: "1"}\n');
    const [create, replace] = [
      ApplyResourcesRequest_Mode.CREATE,
      ApplyResourcesRequest_Mode.REPLACE,
    ];
    await expect(client.applyResources({ manifests, mode: replace })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await client.applyResources({ manifests, mode: create, kind: 'ConfigMap' });
    await expect(client.applyResources({ manifests, mode: create })).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    const other = client.applyResources({ manifests, mode: replace, kind: 'CronWorkflow' });
    await expect(other).rejects.toMatchObject({ message: expect.stringContaining('ConfigMap') });
  });

  it('suspends and resumes a CronWorkflow', async () => {
    const client = connect(ResourceService);
    const spec = {
      schedules: ['0 3 * * *'],
      workflowSpec: (helloWorkflow() as { spec: object }).spec,
    };
    const cron = { kind: 'CronWorkflow', metadata: { name: 'nightly' }, spec };
    await client.applyResources({ manifests: bytes(JSON.stringify(cron)) });
    const suspend = async (suspended: boolean): Promise<unknown> => {
      const { resource } = await client.suspendCronWorkflow({ name: 'nightly', suspended });
      return JSON.parse(new TextDecoder().decode(resource?.manifestJson)) as unknown;
    };
    expect(await suspend(true)).toMatchObject({ spec: { suspend: true } });
    expect(await suspend(false)).toMatchObject({ spec: { suspend: false } });
  });

  it('refuses a Workflow and an unknown kind', async () => {
    const client = connect(ResourceService);
    const manifests = bytes(helloWorkflow({ name: 'w' }));
    await expect(client.applyResources({ manifests })).rejects.toMatchObject({
      message: 'A Workflow is not declared but submitted.',
    });
    await expect(client.getResource({ kind: 'Pod', name: 'x' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('deletes', async () => {
    const client = connect(ResourceService);
    await client.applyResources({ manifests: bytes(yaml) });
    await client.deleteResource({ kind: 'cm', name: 'settings' });
    await expect(client.getResource({ kind: 'cm', name: 'settings' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('EventService', () => {
  it('stores an event once and shows it to watchers', async () => {
    const client = connect(EventService);
    const seen: { name: string; data: string }[] = [];
    const leaving = new AbortController();
    const watching = (async () => {
      for await (const event of client.watchEvents({}, { signal: leaving.signal })) {
        seen.push({ name: event.eventName, data: new TextDecoder().decode(event.data) });
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const event = { eventSource: 'shop', eventName: 'order', id: 'o-1', data: bytes({ n: 1 }) };
    expect((await client.sendEvent(event)).duplicate).toBe(false);
    expect((await client.sendEvent(event)).duplicate).toBe(true);
    await eventually(() => {
      expect(seen).toEqual([{ name: 'order', data: '{"n":1}' }]);
    });
    leaving.abort();
    await watching;
  });
});

describe('InfoService', () => {
  it('tells who answers and where REST is', async () => {
    const info = await connect(InfoService).getInfo({});
    expect(info).toMatchObject({
      replicaId: 'gateway-test',
      defaultNamespace: 'default',
      ready: true,
    });
    expect(info.httpAddress).toBe(harness.gateway.httpAddress);
    expect(info.user).toMatch(/^token-[0-9a-f]{8}$/);
  });
});
