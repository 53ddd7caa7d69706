// Covers Argo's REST paths of runs over a real socket: submit, names, get, list, control, delete, with a
// fake scheduler that runs the real core. Leaves out streams (streams.test.ts), declared manifests
// (resources.test.ts) and gRPC (rpc.test.ts).
import { BUCKETS, runKey } from '@argosy/api';
import { eventually } from '@argosy/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { helloWorkflow, startHarness, type Harness } from './testing/harness.ts';

const RUNS = '/api/v1/workflows/default';

let harness: Harness | undefined;
afterEach(async () => {
  await harness?.stop();
  harness = undefined;
});

async function start(options: Parameters<typeof startHarness>[0] = {}): Promise<Harness> {
  harness = await startHarness(options);
  return harness;
}

interface Shown {
  readonly metadata: { name: string; uid: string; labels?: Record<string, string> };
  readonly spec: { arguments?: { parameters: { name: string; value: string }[] } };
  readonly status?: {
    phase?: string;
    message?: string;
    nodes?: Record<string, { phase: string; type: string }>;
  };
}

function shown(answer: { readonly body: unknown }): Shown {
  return answer.body as Shown;
}

describe('submission', () => {
  it('starts a run under a generated name and shows it running, then succeeded', async () => {
    const { call, scheduler } = await start();
    const created = await call('POST', RUNS, { workflow: helloWorkflow() });
    expect(created.status).toBe(200);
    const { name, uid } = shown(created).metadata;
    expect(name).toMatch(/^hello-[a-z0-9]{5}$/);
    expect(uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(shown(await call('GET', `${RUNS}/${name}`)).status?.phase).toBe('Running');
    await scheduler.finishTask();
    const done = shown(await call('GET', `${RUNS}/${name}`));
    expect(done.status?.phase).toBe('Succeeded');
    expect(done.metadata.labels?.['workflows.argoproj.io/completed']).toBe('true');
    expect(Object.values(done.status?.nodes ?? {})).toMatchObject([
      { type: 'Pod', phase: 'Succeeded' },
    ]);
  });

  it('refuses names and namespaces that Kubernetes would refuse, and says the rule', async () => {
    const { call } = await start();
    const refused = { status: 400, body: { code: 3 } };
    for (const metadata of [{ name: 'UPPER_x' }, { generateName: 'a_b-' }, { name: 'a..b' }]) {
      const answer = await call('POST', RUNS, { workflow: helloWorkflow(metadata) });
      expect(answer).toMatchObject(refused);
      expect(answer.body['message']).toMatch(/is not valid: it must consist of .*metadata\./);
    }
    const elsewhere = '/api/v1/workflows/bad.ns%2A%3E';
    expect(await call('POST', elsewhere, { workflow: helloWorkflow() })).toMatchObject(refused);
  });

  it('takes capital letters in names, as Argo does', async () => {
    const { call } = await start();
    const answer = await call('POST', RUNS, { workflow: helloWorkflow({ name: 'failFast-1' }) });
    expect(answer.status).toBe(200);
  });

  it('refuses a name that is taken with 409 and names it', async () => {
    const { call } = await start();
    const workflow = helloWorkflow({ name: 'once' });
    expect((await call('POST', RUNS, { workflow })).status).toBe(200);
    const second = await call('POST', RUNS, { workflow });
    expect(second).toMatchObject({ status: 409, body: { code: 6 } });
    expect(second.body['message']).toContain('"once" exists already in namespace "default"');
  });

  it('takes over a name that was reserved long ago for a run that never began', async () => {
    const { call, bus } = await start();
    const bucket = await bus.keyValue(BUCKETS.runs);
    const reserve = (name: string, ageMs: number): Promise<number> => {
      const createdAt = new Date(Date.now() - ageMs).toISOString();
      const summary = { uid: 'gone', name, namespace: 'default', phase: '', createdAt, labels: {} };
      return bucket.create(
        runKey('default', name),
        new TextEncoder().encode(JSON.stringify(summary)),
      );
    };
    await reserve('old', 11_000);
    await reserve('fresh', 1_000);
    const post = (name: string) => call('POST', RUNS, { workflow: helloWorkflow({ name }) });
    expect((await post('old')).status).toBe(200);
    expect((await post('fresh')).status).toBe(409);
  });

  it('refuses a manifest with an unknown template: 400, with the field', async () => {
    const { call, scheduler } = await start();
    const workflow = { ...helloWorkflow(), spec: { entrypoint: 'absent', templates: [] } };
    const answer = await call('POST', RUNS, { workflow });
    expect(answer).toMatchObject({ status: 400, body: { code: 3 } });
    expect(answer.body['message']).toContain('absent');
    expect(answer.body['message']).toContain('spec.entrypoint');
    expect(scheduler.commands).toEqual([]);
  });

  it('names file, line and column of a problem in a YAML body', async () => {
    const { fetch } = await start();
    const body = [
      'apiVersion: argoproj.io/v1alpha1',
      'kind: Workflow',
      'metadata: {generateName: x-}',
      'spec:',
      '  entrypoint: main',
      '  templates: nothing',
    ].join('\n');
    const headers = { 'content-type': 'application/yaml' };
    const response = await fetch(RUNS, { method: 'POST', body, headers });
    expect(response.status).toBe(400);
    const { message } = (await response.json()) as { message: string };
    expect(message).toMatch(/^body:6:\d+: /);
  });

  it('refuses a namespace that is not the one of the path', async () => {
    const { call } = await start();
    const workflow = helloWorkflow({ name: 'x', namespace: 'other' });
    expect(await call('POST', RUNS, { workflow })).toMatchObject({
      status: 400,
      body: { code: 3 },
    });
  });

  it('gives the name back when the owner refuses the run', async () => {
    let isRefusing = true;
    const { call } = await start({
      refuse: () =>
        isRefusing ? { code: 'InvalidArgument', message: 'invalid spec: nonsense' } : undefined,
    });
    const workflow = helloWorkflow({ name: 'second-try' });
    const refused = await call('POST', RUNS, { workflow });
    expect(refused).toMatchObject({ status: 400, body: { message: 'invalid spec: nonsense' } });
    isRefusing = false;
    expect((await call('POST', RUNS, { workflow })).status).toBe(200);
  });

  it('starts nothing on a dry run', async () => {
    const { call, scheduler } = await start();
    const workflow = helloWorkflow({ name: 'dry' });
    const answer = await call('POST', RUNS, { workflow, serverDryRun: true });
    expect(answer.status).toBe(200);
    expect(scheduler.commands).toEqual([]);
    expect((await call('GET', `${RUNS}/dry`)).status).toBe(404);
  });

  it('runs a WorkflowTemplate with parameters, labels and entrypoint of the submission', async () => {
    const { call } = await start();
    const { spec } = helloWorkflow() as { spec: object };
    const template = { kind: 'WorkflowTemplate', metadata: { name: 'greet' }, spec };
    const made = await call('POST', '/api/v1/workflow-templates/default', { template });
    expect(made.status).toBe(200);
    const answer = await call('POST', `${RUNS}/submit`, {
      resourceKind: 'WorkflowTemplate',
      resourceName: 'greet',
      submitOptions: { parameters: ['who=you=me'], labels: 'a=b,c=d', name: 'greeting' },
    });
    expect(answer.status).toBe(200);
    const { metadata, spec: used } = shown(answer);
    expect(metadata.name).toBe('greeting');
    expect(metadata.labels).toMatchObject({
      a: 'b',
      c: 'd',
      'workflows.argoproj.io/workflow-template': 'greet',
    });
    expect(used.arguments?.parameters).toEqual([{ name: 'who', value: 'you=me' }]);
  });

  it('answers 404 for a template that is not there', async () => {
    const { call } = await start();
    const body = { resourceKind: 'WorkflowTemplate', resourceName: 'absent' };
    expect(await call('POST', `${RUNS}/submit`, body)).toMatchObject({ status: 404 });
  });

  it('accepts a run while no scheduler is there: it is stored and shown without a phase', async () => {
    const { call } = await start({
      withoutScheduler: true,
      config: { submitTimeoutMs: 100 },
    });
    const answer = await call('POST', RUNS, { workflow: helloWorkflow({ name: 'waiting' }) });
    expect(answer.status).toBe(200);
    const got = shown(await call('GET', `${RUNS}/waiting`));
    expect(got.status?.phase).toBeUndefined();
    expect(got.spec.arguments?.parameters).toEqual([{ name: 'who', value: 'world' }]);
  });
});

describe('control', () => {
  async function running(): Promise<Harness> {
    const started = await start();
    await started.call('POST', RUNS, { workflow: helloWorkflow({ name: 'run' }) });
    return started;
  }

  it('suspends, resumes, stops and retries by commands to the owner', async () => {
    const { call, scheduler } = await running();
    expect((await call('PUT', `${RUNS}/run/suspend`, {})).status).toBe(200);
    expect((await call('PUT', `${RUNS}/run/resume`, {})).status).toBe(200);
    expect((await call('PUT', `${RUNS}/run/stop`, { message: 'enough' })).status).toBe(200);
    if (scheduler.tasks.length > 0) await scheduler.finishTask({ phase: 'Failed' });
    await eventually(async () => {
      expect(shown(await call('GET', `${RUNS}/run`)).status?.phase).toBe('Failed');
    });
    const retry = { restartSuccessful: true, nodeFieldSelector: 'a=b', parameters: ['who=x'] };
    await call('PUT', `${RUNS}/run/retry`, retry);
    const commands = scheduler.commands.slice(1);
    expect(commands.map((one) => (one.kind === 'Control' ? one.command : one))).toEqual([
      { kind: 'Suspend' },
      { kind: 'Resume' },
      { kind: 'Stop', message: 'enough' },
      { ...retry, kind: 'Retry', parameters: { who: 'x' } },
    ]);
  });

  it('terminates a run', async () => {
    const { call } = await running();
    const answer = await call('PUT', `${RUNS}/run/terminate`, {});
    expect(answer.status).toBe(200);
    await eventually(async () => {
      expect(shown(await call('GET', `${RUNS}/run`)).status?.phase).toBe('Failed');
    });
  });

  it("answers with the owner's refusal", async () => {
    const { call, scheduler } = await running();
    await scheduler.finishTask();
    const answer = await call('PUT', `${RUNS}/run/stop`, {});
    expect(answer).toMatchObject({ status: 400, body: { code: 9 } });
  });

  it('answers 504 when the owner is silent, and says that the command is stored', async () => {
    const { call, scheduler } = await start({ config: { commandTimeoutMs: 100 } });
    await call('POST', RUNS, { workflow: helloWorkflow({ name: 'run' }) });
    await scheduler.stop();
    const answer = await call('PUT', `${RUNS}/run/stop`, {});
    expect(answer).toMatchObject({ status: 504, body: { code: 4 } });
    expect(answer.body['message']).toContain('The command is stored');
  });

  it('answers 404 for a run that is not there', async () => {
    const { call } = await start();
    expect(await call('PUT', `${RUNS}/absent/stop`, {})).toMatchObject({ status: 404 });
    expect(await call('GET', `${RUNS}/absent`)).toMatchObject({ status: 404, body: { code: 5 } });
  });

  it('resubmits the spec of a former run under a new name', async () => {
    const { call, scheduler } = await running();
    await scheduler.finishTask();
    const body = { parameters: ['who=again'] };
    const again = shown(await call('PUT', `${RUNS}/run/resubmit`, body));
    expect(again.metadata.name).toMatch(/^run-/);
    expect(again.metadata.labels).toEqual({
      'workflows.argoproj.io/resubmitted-from-workflow': 'run',
      'workflows.argoproj.io/previous-workflow-name': 'run',
    });
    expect(again.spec.arguments?.parameters).toEqual([{ name: 'who', value: 'again' }]);
  });

  it('deletes a finished run with its history, so that its name is free', async () => {
    const { call, scheduler } = await running();
    await scheduler.finishTask();
    expect(await call('DELETE', `${RUNS}/run`)).toMatchObject({ status: 200, body: {} });
    expect((await call('GET', `${RUNS}/run`)).status).toBe(404);
    const again = await call('POST', RUNS, { workflow: helloWorkflow({ name: 'run' }) });
    expect(again.status).toBe(200);
  });

  it('terminates a live run before it deletes it', async () => {
    const { call, scheduler } = await running();
    expect((await call('DELETE', `${RUNS}/run`)).status).toBe(200);
    expect(scheduler.commands.at(-1)).toMatchObject({ command: { kind: 'Terminate' } });
    expect((await call('GET', `${RUNS}/run`)).status).toBe(404);
  });
});

describe('list', () => {
  async function withRuns(): Promise<Harness> {
    const started = await start();
    for (const [name, team] of [
      ['a', 'red'],
      ['b', 'blue'],
      ['c', 'red'],
    ]) {
      const workflow = helloWorkflow({ name: `run-${name ?? ''}`, labels: { team } });
      await started.call('POST', RUNS, { workflow });
    }
    await started.scheduler.finishTask();
    return started;
  }
  const namesOf = (answer: { body: Record<string, unknown> }): string[] =>
    ((answer.body['items'] ?? []) as Shown[]).map((item) => item.metadata.name);

  it('lists newest first, by label, phase, name and namespace', async () => {
    const { call } = await withRuns();
    const list = async (query: string) => namesOf(await call('GET', `${RUNS}?${query}`));
    expect(await list('')).toEqual(['run-c', 'run-b', 'run-a']);
    expect(await list('listOptions.labelSelector=team%3Dred')).toEqual(['run-c', 'run-a']);
    const succeeded = 'workflows.argoproj.io%2Fphase%20in%20(Succeeded,Failed)';
    expect(await list(`listOptions.labelSelector=${succeeded}`)).toEqual(['run-a']);
    expect(await list('nameFilter=Contains&name=n-b')).toEqual(['run-b']);
    expect(namesOf(await call('GET', '/api/v1/workflows/other'))).toEqual([]);
  });

  it('pages by limit and continue', async () => {
    const { call } = await withRuns();
    const first = await call('GET', `${RUNS}?listOptions.limit=2`);
    expect(namesOf(first)).toEqual(['run-c', 'run-b']);
    const metadata = first.body['metadata'] as { continue: string; remainingItemCount: string };
    expect(metadata.remainingItemCount).toBe('1');
    const next = `listOptions.limit=2&listOptions.continue=${metadata.continue}`;
    expect(namesOf(await call('GET', `${RUNS}?${next}`))).toEqual(['run-a']);
  });

  it('refuses a selector and a token that cannot be read', async () => {
    const { call } = await start();
    for (const query of ['listOptions.labelSelector=a~b', 'listOptions.continue=x']) {
      expect(await call('GET', `${RUNS}?${query}`)).toMatchObject({ status: 400 });
    }
  });

  it('keeps only the fields that are asked for', async () => {
    const { call } = await withRuns();
    const answer = await call('GET', `${RUNS}?fields=items.metadata.name,items.status.phase`);
    expect(answer.body['items']).toEqual([
      { metadata: { name: 'run-c' }, status: { phase: 'Running' } },
      { metadata: { name: 'run-b' }, status: { phase: 'Running' } },
      { metadata: { name: 'run-a' }, status: { phase: 'Succeeded' } },
    ]);
  });
});
