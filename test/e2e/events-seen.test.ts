// Covers what `argosy events` and `argosy sensor` show and do, on one installation started by `argosy up`: events on the
// bus, dead letters and their redriving, replay without doubled workflows, explanations, and the metrics of events.
// Leaves out Ctrl-C, and what the gateway refuses, which its own tests cover.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort, eventually, temporaryDirectory, type TemporaryDirectory } from '@argosy/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { argosy, startArgosy, startUp, type CommandEnd, type Up } from './support/command.ts';

/** Each look is a process of its own. */
const SLOWLY = { timeoutMs: 60_000, intervalMs: 200 };

let home: TemporaryDirectory;
let up: Up | undefined;
let webhookPort: number;
let target: Server;
const answered: { status: number; readonly keys: unknown[] } = { status: 500, keys: [] };

const run = (...args: readonly string[]): Promise<CommandEnd> => argosy(args, { home: home.path });

async function ok(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args);
  expect(code, `${args.join(' ')}: ${stdout}${stderr}`).toBe(0);
  return stdout;
}

async function apply(manifest: object): Promise<void> {
  const given = { apiVersion: 'argoproj.io/v1alpha1', ...manifest };
  const input = JSON.stringify(given);
  const { code, stderr } = await argosy(['apply', '-'], { home: home.path, input });
  expect(code, stderr).toBe(0);
}

const WORKFLOW = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  metadata: { generateName: 'seen-' },
  spec: {
    entrypoint: 'main',
    arguments: { parameters: [{ name: 'order', value: 'none' }] },
    templates: [
      { name: 'main', steps: [[{ name: 'skipped', template: 'leaf', when: 'false' }]] },
      { name: 'leaf', container: { image: 'busybox', command: ['true'] } },
    ],
  },
};

function sensor(name: string, ...triggers: readonly object[]): object {
  const filters = { data: [{ path: 'body.id', type: 'string', value: ['^A'] }] };
  return {
    kind: 'Sensor',
    metadata: { name },
    spec: {
      dependencies: [
        { name: 'order', eventSourceName: 'shop', eventName: 'orders', filters },
        { name: 'payment', eventSourceName: 'shop', eventName: 'payments' },
      ],
      triggers,
    },
  };
}

const submit = {
  template: {
    name: 'run',
    conditions: 'order',
    argoWorkflow: {
      operation: 'submit',
      source: { resource: WORKFLOW },
      parameters: [
        {
          src: { dependencyName: 'order', dataKey: 'body.id' },
          dest: 'spec.arguments.parameters.0.value',
        },
      ],
    },
  },
};

const both = { template: { name: 'both', conditions: 'order && payment', log: {} } };

async function healthy(kind: 'sensor' | 'event-source', name: string): Promise<string> {
  return eventually(async () => {
    const text = await ok(kind, 'get', name);
    expect(text).toMatch(/Health: +Healthy/);
    return text;
  }, SLOWLY);
}

async function workflows(): Promise<readonly string[]> {
  return (await ok('list', '-o', 'name')).split('\n').filter((line) => line.startsWith('seen-'));
}

beforeAll(async () => {
  home = await temporaryDirectory('argosy-seen-');
  webhookPort = await freePort();
  target = createServer((request, response) => {
    answered.keys.push(request.headers['idempotency-key']);
    response.writeHead(answered.status).end();
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  up = await startUp({ home: home.path });
  const webhook = (endpoint: string): object => ({
    port: String(webhookPort),
    endpoint,
    method: 'POST',
  });
  await apply({
    kind: 'EventSource',
    metadata: { name: 'shop' },
    spec: { webhook: { orders: webhook('/orders'), payments: webhook('/payments') } },
  });
  await apply(sensor('flow', submit, both));
  await healthy('event-source', 'shop');
  await healthy('sensor', 'flow');
});

afterAll(async () => {
  up?.child.kill('SIGTERM');
  await up?.end;
  target.close();
  await home.remove();
});

async function post(path: string, body: object): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${webhookPort}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
}

vi.setConfig({ testTimeout: 300_000 });

describe('events', () => {
  it('are printed as they come, and from what is kept', async () => {
    const tail = startArgosy(['events', 'tail', '--event', 'orders'], { home: home.path });
    await tail.until(/SEQUENCE/);
    // The head is printed before the server listens.
    await eventually(async () => {
      await post('/orders', { id: 'B 1' });
      await tail.until(/#?\d+ +\S+Z +shop\/orders +\w+ +\{/, 500);
    }, SLOWLY);
    tail.child.kill('SIGINT');
    expect((await tail.end).code).toBe(130);
    await post('/orders', { id: 'A 1' });
    const lines = await ok('events', 'tail', '--since', '1h', '--follow=false', '-o', 'json');
    const events = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(events.at(-1)).toMatchObject({
      eventSource: 'shop',
      eventName: 'orders',
      source: 'shop',
      type: 'webhook',
      data: { body: { id: 'A 1' } },
    });
    expect(await ok('events', 'tail', '--no-follow', '--event', 'refunds', '-o', 'name')).toBe('');
  });

  it('that wait for others are told by `sensor get`, and by `sensor list` the sensor', async () => {
    await eventually(async () => {
      expect(await ok('sensor', 'get', 'flow')).toMatch(/Pending: +both has order since \S+Z/);
    }, SLOWLY);
    expect(await ok('sensor', 'list')).toMatch(/flow +\S+ +order,payment +run,both +Healthy/);
    expect(await ok('event-source', 'list')).toContain('webhook/orders,webhook/payments');
  });

  it('that are replayed start no workflow twice; as new ones they do', async () => {
    // What came before has fired; how often this test was begun does not matter.
    const before = await eventually(async () => {
      const found = await workflows();
      expect(found.length).toBeGreaterThan(0);
      return found;
    }, SLOWLY);
    const replay = ['events', 'replay', '--since', '1h', '--sensor', 'flow'];
    const told = await run(...replay, '--dry-run');
    expect(told.stdout).toMatch(/shop\/orders \w+ → flow/);
    expect(told.stderr).toMatch(/events? would be replayed/);
    await ok(...replay);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await workflows()).toEqual(before);
    await ok(...replay, '--as-new');
    await eventually(
      async () => expect((await workflows()).length).toBeGreaterThan(before.length),
      SLOWLY,
    );
  });
});

describe('explanations', () => {
  it('say why an event fires a sensor or not, with what waits there, and do nothing', async () => {
    const before = await workflows();
    const event = {
      specversion: '1.0',
      id: 'x1',
      source: 'shop',
      subject: 'orders',
      type: 'webhook',
      data: { body: { id: 'A 9' } },
    };
    const input = JSON.stringify(event);
    const options = { home: home.path, input };
    const { stdout, code } = await argosy(['sensor', 'explain', 'flow', '--event', '-'], options);
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/dependency order: taken: its filters let the event pass/);
    expect(stdout).toMatch(/data\[0\]: passed: body\.id is "A 9" and should be = "\^A" \(string\)/);
    expect(stdout).toMatch(/trigger run \(argoWorkflow\): fires[\s\S]*value: A 9/);
    expect(stdout).toMatch(/trigger both \(log\): does not fire: .* waits for payment/);
    const asPayment = ['sensor', 'explain', 'flow', '--event', '-', '--dependency', 'payment'];
    const waiting = await argosy([...asPayment, '-o', 'json'], { home: home.path, input: '{}' });
    expect(JSON.parse(waiting.stdout)).toMatchObject({
      triggers: [{ fires: false }, { name: 'both', fires: true, pending: ['order'] }],
    });
    expect(await workflows()).toEqual(before);
  });
});

it('the metrics of events are at /metrics under Argo Events’ names, from 0 on', async () => {
  const address = `${up?.httpAddress ?? ''}/metrics`;
  const headers = { authorization: `Bearer ${up?.token ?? ''}` };
  const text = await (await fetch(address, { headers })).text();
  const source = 'namespace="default",eventsource_name="shop"';
  const payments = `{${source},event_name="payments"}`;
  const trigger = '{namespace="default",sensor_name="flow",trigger_name="both"}';
  for (const line of [
    `argo_events_event_service_running_total{${source}} 2`,
    `argo_events_events_sent_total${payments} 0`,
    `argo_events_events_sent_failed_total${payments} 0`,
    `argo_events_events_processing_failed_total${payments} 0`,
    `argo_events_event_processing_duration_milliseconds_count{${source},event_name="orders"} `,
    `argo_events_action_triggered_total${trigger} 0`,
    `argo_events_action_failed_total${trigger} 0`,
    `argo_events_action_retries_failed_total${trigger} 0`,
    'argo_events_action_duration_milliseconds_count{namespace="default",sensor_name="flow"',
    'argo_events_build_info{version="',
  ]) {
    expect(text).toContain(line);
  }
});

describe('dead letters', () => {
  it('are listed, shown, redriven with the same firing, and gone when that worked', async () => {
    const { port } = target.address() as AddressInfo;
    const call = {
      template: {
        name: 'call',
        conditions: 'payment',
        http: { url: `http://127.0.0.1:${port}/`, method: 'POST' },
      },
      policy: { status: { allow: [200] } },
      retryStrategy: { steps: 2, duration: '10ms' },
    };
    await apply(sensor('caller', call));
    await healthy('sensor', 'caller');
    await post('/payments', { sum: 17 });
    const id = await eventually(async () => {
      const text = await ok('events', 'dlq', 'list', '--sensor', 'caller');
      expect(text).toMatch(/caller +call +2 +shop\/payments\/\w+ +the answer was 500/);
      return (/^[0-9a-f]{12}/m.exec(text) ?? [''])[0];
    }, SLOWLY);
    const shown = await ok('events', 'dlq', 'show', id);
    expect(shown).toMatch(/error: the answer was 500/);
    expect(shown).toMatch(/sum: 17/);
    const failed = await run('events', 'dlq', 'redrive', id);
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain('failed again: the answer was 500');
    answered.status = 200;
    expect(await ok('events', 'dlq', 'redrive', '--all', '--sensor', 'caller')).toContain(
      `${id} worked; the dead letter is gone`,
    );
    expect((await run('events', 'dlq', 'list')).stderr).toContain('no dead letters');
    expect(answered.keys).toHaveLength(5);
    expect(new Set(answered.keys).size).toBe(1);
    expect((await run('events', 'dlq', 'show', id)).stderr).toContain('There is no dead letter');
  });
});
