// Covers the trigger against a stand-in of OpenWhisk's REST API: the request, the token, statuses with and
// without a policy, wrong settings. Leaves out OpenWhisk itself, which cannot be had as a package.
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { environmentWith, runTrigger, TRACEPARENT } from '../testing/trigger-call.ts';
import { openWhiskTrigger } from './openwhisk.ts';

describe("trigger openWhisk, against a stand-in of OpenWhisk's REST API", () => {
  let server: Server;
  let host = '';
  let status = 200;
  let seen: Record<string, unknown>[] = [];

  beforeEach(async () => {
    status = 200;
    seen = [];
    server = createServer((request, response) => {
      void text(request).then((body) => {
        const { method, url, headers } = request;
        seen.push({ method, url, body, headers });
        response.statusCode = status;
        response.end(status < 400 ? '{"greeting":"hello"}' : '{"error":"no such action"}');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  const settingsAt = (changes: object = {}): object => ({
    host,
    actionName: 'hello',
    payload: [['bucket', 'input']],
    ...changes,
  });

  test('an action is called with the payload, the token, the firing and the trace, and waited for', async () => {
    const environment = environmentWith({ 'whisk/token': 'id:key' });
    const authToken = { name: 'whisk', key: 'token' };
    const settings = settingsAt({ authToken, namespace: 'my team', actionName: 'tools/hello' });
    const outcome = await runTrigger(openWhiskTrigger, settings, { environment, firingId: 'f9' });
    expect(outcome).toEqual({ kind: 'Done' });
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: '/api/v1/namespaces/my%20team/actions/tools/hello?blocking=true&result=true',
        body: '{"bucket":"input"}',
        headers: {
          authorization: `Basic ${Buffer.from('id:key').toString('base64')}`,
          'content-type': 'application/json',
          'idempotency-key': 'f9',
          traceparent: TRACEPARENT,
        },
      },
    ]);
  });

  test('the namespace of the token and version 1 are the defaults', async () => {
    await runTrigger(openWhiskTrigger, settingsAt());
    await runTrigger(openWhiskTrigger, settingsAt({ version: 'v2' }));
    expect(seen.map(({ url }) => String(url).split('?')[0])).toEqual([
      '/api/v1/namespaces/_/actions/hello',
      '/api/v2/namespaces/_/actions/hello',
    ]);
    expect(seen[0]?.['headers']).not.toHaveProperty('authorization');
  });

  test('an action that fails is a failed attempt unless the policy allows its status', async () => {
    status = 404;
    expect(await runTrigger(openWhiskTrigger, settingsAt())).toEqual({
      kind: 'Failed',
      reason: 'OpenWhisk answered 404: {"error":"no such action"}',
    });
    const policy = { status: { allow: [404] } };
    expect(await runTrigger(openWhiskTrigger, settingsAt(), { policy })).toEqual({ kind: 'Done' });
    status = 202;
    expect(await runTrigger(openWhiskTrigger, settingsAt())).toEqual({ kind: 'Done' });
    expect(await runTrigger(openWhiskTrigger, settingsAt(), { policy })).toMatchObject({
      kind: 'Failed',
      reason: expect.stringContaining('202'),
    });
  });

  test('a host that is away is a failed attempt, a secret that is missing is refused', async () => {
    const away = settingsAt({ host: 'http://127.0.0.1:1' });
    expect((await runTrigger(openWhiskTrigger, away)).kind).toBe('Failed');
    const authToken = { name: 'whisk', key: 'token' };
    expect(await runTrigger(openWhiskTrigger, settingsAt({ authToken }))).toEqual({
      kind: 'Refused',
      reason: 'authToken: the Secret whisk has no key token',
    });
    expect(seen).toEqual([]);
    expect(openWhiskTrigger.problems({})).toHaveLength(3);
  });
});
