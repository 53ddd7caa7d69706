// Covers 100 hostile requests to signing sources through the whole service, on real sockets: each is refused,
// each is one line in the log, nothing is stored, memory stays bounded, and a genuine request is served after
// them. Leaves out TLS and floods beyond the lines of a minute (drivers/http/refusals.test.ts).
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { createLogger } from '@argosy/telemetry';
import { eventually, freePort } from '@argosy/testkit';
import { expect, test } from 'vitest';
import { dataOf, startHarness } from './testing/harness.ts';

const SECRET = 'correct horse';
const WITHIN = { timeoutMs: 8_000 };
const OVERSIZED_BYTES = 1_500_000;
/** What the process may have grown by after some 20 MB of hostile bodies. */
const GROWTH_BYTES_MAX = 64 * 1_048_576;

const mac = (text: string, secret = SECRET): string =>
  createHmac('sha256', secret).update(text).digest('hex');

interface Attack {
  readonly name: string;
  /** Everything from the request line on; the body follows. */
  readonly head: readonly string[];
  readonly body?: string;
  /** Announces more than is sent. */
  readonly isSlow?: boolean;
}

function attack(
  name: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Attack {
  const lines = Object.entries(headers).map(([header, value]) => `${header}: ${value}`);
  return {
    name,
    head: [`POST ${path} HTTP/1.1`, 'content-type: application/json', ...lines],
    body,
  };
}

/** Ten attacks; each round of them differs a little. */
function attacks(round: number, nowSeconds: number): readonly Attack[] {
  const body = `{"round":${round}}`;
  const stripe = (text: string): string => `{"id":"evt_${round}","type":"${text}"}`;
  const old = nowSeconds - 301 - round * 1_000;
  const github = (text: string): Record<string, string> => ({
    'x-hub-signature-256': `sha256=${mac(text)}`,
  });
  const slow: Attack = {
    name: 'a body that never comes',
    head: ['POST /github HTTP/1.1', 'content-length: 1000'],
    body: '{"a":',
    isSlow: true,
  };
  return [
    attack(
      'a wrong signature',
      '/github',
      { 'x-hub-signature-256': `sha256=${mac(body, 'x')}` },
      body,
    ),
    attack('a signature of another body', '/github', github('{}'), body),
    attack(
      'a replayed request of Slack',
      '/slack',
      {
        'x-slack-request-timestamp': String(old),
        'x-slack-signature': `v0=${mac(`v0:${old}:${body}`)}`,
      },
      body,
    ),
    attack(
      'a replayed event of Stripe',
      '/stripe',
      { 'stripe-signature': `t=${old},v1=${mac(`${old}.${stripe('a')}`)}` },
      stripe('a'),
    ),
    attack('an oversized body', '/github', github('{}'), 'x'.repeat(OVERSIZED_BYTES)),
    slow,
    attack('no JSON, well signed', '/github', github(`{${round}`), `{${round}`),
    {
      name: 'a line break in a header',
      head: ['POST /github HTTP/1.1', `x-github-event: push\rx-injected: ${round}`],
      body: '',
    },
    attack('a path traversal', `/x/../github`, github(body), body),
    attack('an escaped path traversal', `/%2e%2e%2fgithub`, github(body), body),
  ];
}

/** Sends bytes as they are and waits until the service has closed the connection or answered. */
function send(port: number, { head, body = '', isSlow = false }: Attack): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const received: Buffer[] = [];
    const length = isSlow ? [] : [`content-length: ${Buffer.byteLength(body)}`];
    const lines = [...head, 'host: x', 'connection: close', ...length];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const status = /^HTTP\/1\.1 (\d{3})/.exec(Buffer.concat(received).toString())?.[1];
      resolve(Number(status ?? 0));
    });
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  });
}

test('100 hostile requests are refused, each is one line in the log, and memory stays bounded', async () => {
  const lines: string[] = [];
  const destination = { write: (line: string): void => void lines.push(line) };
  const logger = createLogger({ name: 'event-source', level: 'warn', pretty: false, destination });
  await using harness = await startHarness({ logger });
  const port = await freePort();
  const webhook = (endpoint: string): object => ({ port: String(port), endpoint });
  const secret = { name: 'sign', key: 'secret' };
  await harness.apply('Secret', 'sign', { stringData: { secret: SECRET } });
  await harness.apply('EventSource', 'code', {
    spec: {
      github: { g: { webhook: webhook('/github'), organizations: ['o'], webhookSecret: secret } },
      slack: { s: { webhook: webhook('/slack'), token: secret, signingSecret: secret } },
      stripe: { t: { webhook: webhook('/stripe'), signingSecret: secret } },
    },
  });
  const genuine = (body: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/github`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-hub-signature-256': `sha256=${mac(body)}`,
      },
    });
  await eventually(async () => expect((await genuine('{"n":1}')).status).toBe(200), WITHIN);
  lines.length = 0;
  globalThis.gc?.();
  const beforeBytes = process.memoryUsage().rss;

  const statuses = new Map<string, Set<number>>();
  for (let round = 0; round < 10; round += 1) {
    const batch = attacks(round, Math.floor(Date.now() / 1_000));
    const answers = await Promise.all(batch.map((each) => send(port, each)));
    batch.forEach(({ name }, index) => {
      statuses.set(name, (statuses.get(name) ?? new Set()).add(answers[index] ?? 0));
    });
  }

  expect(Object.fromEntries(Array.from(statuses, ([name, found]) => [name, [...found]]))).toEqual({
    'a wrong signature': [400],
    'a signature of another body': [400],
    'a replayed request of Slack': [401],
    'a replayed event of Stripe': [400],
    'an oversized body': [400],
    'a body that never comes': [408],
    'no JSON, well signed': [400],
    'a line break in a header': [400],
    'a path traversal': [404],
    'an escaped path traversal': [404],
  });
  await eventually(() => expect(lines.length).toBeGreaterThanOrEqual(100), WITHIN);
  const refusals = lines.filter((line) => line.includes('"a request was refused"'));
  expect([lines.length, refusals.length]).toEqual([100, 100]);
  expect(lines.join('')).not.toContain(SECRET);
  expect(process.memoryUsage().rss - beforeBytes).toBeLessThan(GROWTH_BYTES_MAX);
  expect((await genuine('{"n":2}')).status).toBe(200);
  const events = await harness.events();
  expect(events.map((event) => (dataOf(event)['body'] as { n: number }).n)).toEqual([1, 2]);
}, 30_000);
