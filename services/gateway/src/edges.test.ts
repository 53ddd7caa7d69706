// Covers what strangers may send: wrong tokens, unknown paths, broken and huge bodies; and health,
// metrics and the start of the gateway. Every case ends with a clear answer and a gateway that lives.
import { Socket } from 'node:net';
import { createMemoryBus } from '@argosy/bus';
import { createLogger, createMetrics, createTracing } from '@argosy/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HTTP_BODY_BYTES_MAX } from './config.ts';
import { startGateway } from './service.ts';
import { startHarness, TOKEN, type Harness } from './testing/harness.ts';

const RUNS = '/api/v1/workflows/default';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(async () => {
  await harness.stop();
});

const bare = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`${harness.gateway.httpAddress}${path}`, init ?? {});

/** Sends text as it is and gives the first line of the answer. */
function sendRaw(text: string): Promise<string> {
  const { hostname, port } = new URL(harness.gateway.httpAddress);
  return new Promise((resolve, reject) => {
    const socket = new Socket();
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (!answer.includes('\r\n\r\n')) return;
      resolve(answer.split('\r\n')[0] ?? '');
      socket.destroy();
    });
    socket.on('error', (error) => {
      if (answer === '') reject(error);
    });
    socket.connect(Number(port), hostname, () => {
      socket.write(text);
    });
  });
}

describe('authentication', () => {
  it('answers 401 in JSON without a token, with a wrong one, and with another scheme', async () => {
    const tries = [undefined, 'Bearer wrong', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, 'Bearer '];
    for (const authorization of tries) {
      const headers = authorization === undefined ? {} : { authorization };
      const response = await bare(RUNS, { headers });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(await response.json()).toMatchObject({ code: 16 });
    }
  });

  it('is not walked around by spellings of the open paths', async () => {
    const paths = [
      '/healthz/../api/v1/workflows/default',
      '/%68ealthz/..%2fapi/v1/workflows/default',
      '//api/v1/workflows/default',
      '/metrics',
    ];
    for (const path of paths) {
      const line = await sendRaw(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      expect(line).toContain(' 401 ');
    }
    // This one is a web hook, of an event source that nobody has.
    const hook = '/webhooks/../api/v1/workflows/default';
    const line = await sendRaw(`GET ${hook} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(line).toContain(' 503 ');
  });

  it('asks nobody for a token at the health paths', async () => {
    expect((await bare('/healthz')).status).toBe(200);
    expect(await (await bare('/readyz')).json()).toEqual({ ready: true });
    expect((await bare('/healthz', { method: 'HEAD' })).status).toBe(200);
  });
});

describe('bad requests', () => {
  it('answers an unknown path and a wrong method with 404 in JSON', async () => {
    for (const [method, path] of [
      ['GET', '/api/v1/nothing'],
      ['PATCH', RUNS],
      ['PUT', `${RUNS}/x/explode`],
    ]) {
      const response = await harness.fetch(path ?? '', { method: method ?? '' });
      expect(response.status).toBe(404);
      const message = expect.stringContaining(
        `There is no ${method ?? ''} ${path ?? ''}`,
      ) as string;
      expect(await response.json()).toMatchObject({ code: 5, message });
    }
  });

  it('answers broken JSON, JSON of the wrong shape and a missing field with 400', async () => {
    const headers = { 'content-type': 'application/json' };
    for (const body of ['{"workflow": ', '[]', '"text"', '{}', '{"workflow": 7}', '']) {
      const response = await harness.fetch(RUNS, { method: 'POST', body, headers });
      expect(response.status, body).toBe(400);
      expect(await response.json()).toMatchObject({ code: 3 });
    }
  });

  it('answers another type of body with 415', async () => {
    const headers = { 'content-type': 'application/xml' };
    const response = await harness.fetch(RUNS, { method: 'POST', body: '<a/>', headers });
    expect(response.status).toBe(415);
  });

  it('reads JSON that curl sends without being told its type', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const workflow = { metadata: { generateName: 'curl-' }, spec: { entrypoint: 'none' } };
    const body = JSON.stringify({ workflow });
    const response = await harness.fetch(`${RUNS}/lint`, { method: 'POST', body, headers });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("template name 'none'");
    const other = await harness.fetch(RUNS, { method: 'POST', body: 'a=b', headers });
    expect(other.status).toBe(400);
    expect(await other.text()).toContain('not JSON');
  });

  it('refuses a key that would change the prototype of objects', async () => {
    const headers = { 'content-type': 'application/json' };
    const body = '{"workflow": {"__proto__": {"polluted": true}}}';
    const response = await harness.fetch(RUNS, { method: 'POST', body, headers });
    expect(response.status).toBe(400);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('refuses a 50 MB body with 413, announced or not, and goes on', async () => {
    const block = new Uint8Array(1024 * 1024).fill(0x20);
    const headers = { 'content-type': 'application/json' };
    const announced = new Uint8Array(50 * block.length);
    const unannounced = new ReadableStream<Uint8Array>({
      async start(controller) {
        for (let count = 0; count < 50; count += 1) {
          controller.enqueue(block);
          await new Promise((resolve) => setImmediate(resolve));
        }
        controller.close();
      },
    });
    for (const body of [announced, unannounced]) {
      const init = { method: 'POST', body, headers, duplex: 'half' };
      const response = await harness.fetch(RUNS, init as RequestInit);
      expect(response.status).toBe(413);
      const message = `The body is too large; the limit is ${HTTP_BODY_BYTES_MAX} bytes.`;
      expect(await response.json()).toEqual({ code: 8, message });
    }
    expect((await bare('/healthz')).status).toBe(200);
  });

  it('refuses at once what is announced to be larger than anybody should read', async () => {
    const length = 10 * 1024 ** 3;
    const line = await sendRaw(
      `POST ${RUNS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\n` +
        `content-type: application/json\r\ncontent-length: ${length}\r\n\r\n`,
    );
    expect(line).toContain(' 413 ');
  });

  it('refuses query values of the wrong kind', async () => {
    for (const query of ['listOptions.limit=many', 'createdAfter=yesterday']) {
      expect((await harness.fetch(`${RUNS}?${query}`)).status).toBe(400);
    }
    const answer = await harness.call('PUT', `${RUNS}/x/retry`, { parameters: 'a=b' });
    expect(answer.status).toBe(400);
    expect(answer.body['message']).toContain('"parameters" must be a list');
  });
});

describe('metrics', () => {
  it('count requests by route, not by path', async () => {
    await harness.fetch(`${RUNS}/some-name`);
    const text = await (await harness.fetch('/metrics')).text();
    expect(text).toContain(
      'argosy_http_requests_total{method="GET",route="/api/v1/workflows/:namespace/:name",status="404"}',
    );
    expect(text).not.toContain('some-name');
  });
});

describe("Argo's info paths", () => {
  it('answer version, info and the caller', async () => {
    expect((await harness.call('GET', '/api/v1/version')).body).toHaveProperty('version');
    expect((await harness.call('GET', '/api/v1/info')).body).toHaveProperty('managedNamespace');
    const { subject } = (await harness.call('GET', '/api/v1/userinfo')).body;
    expect(subject).toMatch(/^token-[0-9a-f]{8}$/);
  });
});

describe('the start', () => {
  const context = () => ({
    bus: createMemoryBus(),
    logger: createLogger({ name: 'gateway', level: 'silent' }),
    metrics: createMetrics(),
    tracing: createTracing({ serviceName: 'gateway' }),
    replicaId: 'other',
    advertiseHost: '127.0.0.1',
  });
  const config = {
    httpHost: '127.0.0.1',
    httpPort: 0,
    rpcHost: '127.0.0.1',
    rpcPort: 0,
    tokens: ['x'],
    partitions: 1,
  };

  it('is refused without a token', async () => {
    const starting = startGateway(context(), { ...config, tokens: [] });
    await expect(starting).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('fails with UNAVAILABLE when a port is taken', async () => {
    const httpPort = Number(new URL(harness.gateway.httpAddress).port);
    const rpcPort = Number(harness.gateway.rpcAddress.split(':')[1]);
    for (const taken of [{ httpPort }, { rpcPort }]) {
      const starting = startGateway(context(), { ...config, ...taken });
      await expect(starting).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    }
  });
});
