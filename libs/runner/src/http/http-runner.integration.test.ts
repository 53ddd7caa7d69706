// Covers http templates against a real server: contract, method, headers, body, conditions, redirects, limits.
// Leaves out TLS, for which no certificate authority is at hand.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import type { HTTPTemplate } from '@argosy/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HTTP_BODY_BYTES_MAX } from '../limits.ts';
import { createTestIo, describeRunnerContract, testTask } from '../testing/index.ts';
import type { TaskOutcome } from '../types.ts';
import { createHttpRunner } from './http-runner.ts';

let server: Server;
let url = '';

beforeAll(async () => {
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://x');
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  switch (path.pathname) {
    case '/text':
      response.end(path.searchParams.get('text'));
      return;
    case '/echo':
      response.end(JSON.stringify({ method: request.method, headers: request.headers, body }));
      return;
    case '/status':
      response.writeHead(Number(path.searchParams.get('code')), { 'X-Kind': 'odd' }).end('said so');
      return;
    case '/redirect':
      response.writeHead(302, { location: '/echo' }).end();
      return;
    case '/loop':
      response.writeHead(302, { location: '/loop' }).end();
      return;
    case '/large':
      response.end('x'.repeat(HTTP_BODY_BYTES_MAX + 10));
      return;
    default:
    // Never answered.
  }
}

describeRunnerContract('http', () =>
  Promise.resolve({
    runner: createHttpRunner(),
    newDirectory: () => Promise.resolve(tmpdir()),
    succeeding: (text) => ({ http: { url: `${url}/text?text=${encodeURIComponent(text)}` } }),
    failing: () => ({ http: { url: `${url}/status?code=500` } }),
    broken: () => ({ http: { url: 'ftp://nowhere' } }),
    endless: () => ({ http: { url: `${url}/hang` } }),
  }),
);

function run(http: HTTPTemplate): Promise<TaskOutcome> {
  const io = createTestIo({
    directory: tmpdir(),
    secrets: { auth: { token: 'Bearer s3cret\n' } },
  });
  return createHttpRunner().run(testTask({ http }), io.io);
}

test('method, headers (also from a Secret) and body are sent', async () => {
  const outcome = await run({
    url: `${url}/echo`,
    method: 'PUT',
    body: 'données',
    headers: [
      { name: 'X-One', value: '1' },
      { name: 'Authorization', valueFrom: { secretKeyRef: { name: 'auth', key: 'token' } } },
    ],
  });
  expect(JSON.parse(outcome.result ?? '')).toMatchObject({
    method: 'PUT',
    body: 'données',
    headers: { 'x-one': '1', authorization: 'Bearer s3cret' },
  });
});

test('bodyFrom.bytes is decoded from base64', async () => {
  const bytes = Buffer.from('raw body').toString('base64');
  const outcome = await run({ url: `${url}/echo`, method: 'POST', bodyFrom: { bytes } });
  expect(JSON.parse(outcome.result ?? '')).toMatchObject({ body: 'raw body' });
});

test('an answer other than 2xx fails the node and keeps the body', async () => {
  expect(await run({ url: `${url}/status?code=404` })).toMatchObject({
    phase: 'Failed',
    message: 'received non-2xx response code: 404',
    result: 'said so',
  });
});

test('a successCondition over status, body and headers decides instead of the status', async () => {
  const condition =
    'response.statusCode == 404 && response.body contains "said" && ' +
    'response.headers["X-Kind"][0] == "odd" && request.method == "GET"';
  expect(await run({ url: `${url}/status?code=404`, successCondition: condition })).toMatchObject({
    phase: 'Succeeded',
  });
  const other = 'response.statusCode == 201';
  expect(await run({ url: `${url}/text?text=a`, successCondition: other })).toMatchObject({
    phase: 'Failed',
    message: 'successCondition "response.statusCode == 201" evaluated false',
  });
});

test('a successCondition that is no expression is an Error that quotes it', async () => {
  const outcome = await run({ url: `${url}/text?text=a`, successCondition: 'response. ==' });
  expect(outcome.phase).toBe('Error');
  expect(outcome.message).toContain('response. ==');
});

test('redirects are followed, and a circle of them ends', async () => {
  const outcome = await run({ url: `${url}/redirect`, method: 'POST', body: 'x' });
  expect(JSON.parse(outcome.result ?? '')).toMatchObject({ method: 'GET', body: '' });
  expect((await run({ url: `${url}/loop` })).message).toContain('redirects');
});

test('a large body is cut at the limit', async () => {
  expect((await run({ url: `${url}/large` })).result).toHaveLength(HTTP_BODY_BYTES_MAX);
});

test('no answer within timeoutSeconds fails the node', async () => {
  expect(await run({ url: `${url}/hang`, timeoutSeconds: 0.2 })).toMatchObject({
    phase: 'Failed',
    message: `${url}/hang: no answer within 200 ms`,
  });
});

test('a missing Secret names the header and the Secret', async () => {
  const headers = [{ name: 'X', valueFrom: { secretKeyRef: { name: 'nope', key: 'k' } } }];
  const outcome = await run({ url: `${url}/echo`, headers });
  expect(outcome).toMatchObject({
    phase: 'Failed',
    message: 'header "X": the Secret "nope" has no key "k"',
  });
});
