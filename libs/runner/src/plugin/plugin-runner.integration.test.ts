// Covers plugin templates against a real server that speaks Argo's executor plugin protocol. Leaves out starting
// the plugin itself: it has to listen already.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestIo, describeRunnerContract, testTask } from '../testing/index.ts';
import { createPluginRunner } from './plugin-runner.ts';

let server: Server;
let port = 0;
const requests: unknown[] = [];
let calls = 0;

beforeAll(async () => {
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Request {
  readonly template: {
    readonly plugin: Readonly<Record<string, { readonly do: string; readonly text?: string }>>;
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString()) as Request;
  requests.push(body);
  const [p = { do: '' }] = Object.values(body.template.plugin);
  const send = (value: unknown): void => void response.end(JSON.stringify(value));
  switch (p.do) {
    case 'succeed':
      return send({ node: { phase: 'Succeeded', outputs: { result: p.text } } });
    case 'fail':
      return send({ node: { phase: 'Failed', message: 'no luck' } });
    case 'twice':
      calls += 1;
      if (calls === 1) {
        return send({ node: { phase: 'Running', progress: '1/2' }, requeue: '10ms' });
      }
      return send({
        node: { phase: 'Succeeded', outputs: { parameters: [{ name: 'a', value: '1' }] } },
      });
    case 'flaky':
      calls += 1;
      if (calls === 1) return void response.writeHead(503).end('later');
      return send({ node: { phase: 'Succeeded' } });
    case 'unknown':
      return void response.writeHead(404).end();
    case 'nonsense':
      return void response.end('what?');
    default:
    // Never answered.
  }
}

const configMaps = (): Record<string, Record<string, string>> => ({
  'p-executor-plugin': {
    'sidecar.container': `image: p:1\nname: p\nports:\n- containerPort: ${port}\n`,
  },
  'q-executor-plugin': { 'sidecar.address': `http://127.0.0.1:${port}/` },
  'r-executor-plugin': { 'sidecar.container': 'image: r:1' },
});

const run = (plugin: Record<string, Record<string, string>>) => {
  calls = 0;
  const test = createTestIo({ directory: tmpdir(), configMaps: configMaps() });
  const outcome = createPluginRunner().run(testTask({ plugin }), test.io);
  return outcome.then((ended) => ({ ended, progress: test.progress, warnings: test.warnings }));
};

describeRunnerContract('plugin', () =>
  Promise.resolve({
    runner: createPluginRunner(),
    newDirectory: () => Promise.resolve(tmpdir()),
    configMaps: configMaps(),
    succeeding: (text) => ({ plugin: { p: { do: 'succeed', text } } }),
    failing: () => ({ plugin: { p: { do: 'fail' } } }),
    broken: () => ({ plugin: { missing: {} } }),
    endless: () => ({ plugin: { p: { do: 'hang' } } }),
  }),
);

test('a plugin is sent the metadata of the workflow and the template', async () => {
  requests.length = 0;
  await run({ p: { do: 'succeed', text: 'x' } });
  expect(requests).toEqual([
    {
      workflow: { metadata: { name: 'test-workflow', namespace: 'default', uid: 'uid' } },
      template: { plugin: { p: { do: 'succeed', text: 'x' } } },
    },
  ]);
});

test('a plugin that asks to be called again is, and its progress is told', async () => {
  const { ended, progress } = await run({ p: { do: 'twice' } });
  expect(ended).toMatchObject({ phase: 'Succeeded', parameters: { a: '1' } });
  expect(progress).toEqual(['1/2']);
});

test('a call that fails for the moment is repeated', async () => {
  const { ended, warnings } = await run({ p: { do: 'flaky' } });
  expect(ended.phase).toBe('Succeeded');
  expect(warnings).toEqual(['a plugin did not answer']);
});

test('a plugin that does not know the template, or answers nonsense, is an Error', async () => {
  expect((await run({ p: { do: 'unknown' } })).ended).toMatchObject({
    phase: 'Error',
    message: 'plugin "p" did not execute the template',
  });
  expect((await run({ p: { do: 'nonsense' } })).ended.message).toContain('no JSON object');
});

test('a plugin elsewhere is reached at sidecar.address; one without ports is refused', async () => {
  expect((await run({ q: { do: 'fail' } })).ended.message).toBe('no luck');
  expect((await run({ r: {} })).ended).toMatchObject({
    phase: 'Error',
    message: expect.stringContaining('names no port') as string,
  });
});
