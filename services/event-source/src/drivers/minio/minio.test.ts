// Covers the source against a stand-in of MinIO's notifications: the request, the events, ids, lines that come
// in pieces, an answer that ends, keys that are refused, wrong settings, the stop. Leaves out MinIO itself, which
// cannot be had as a package, and TLS.
import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { eventually } from '@argosy/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { driverRecorder, emittedData, type DriverRecorder } from '../../testing/driver-recorder.ts';
import { createMinioDriver } from './driver.ts';

const keys = {
  accessKey: { name: 's3', key: 'access' },
  secretKey: { name: 's3', key: 'secret' },
};
const recordOf = (key: string, sequencer: string): object => ({
  eventName: 's3:ObjectCreated:Put',
  s3: { bucket: { name: 'input' }, object: { key, sequencer } },
});

describe('source minio, against a stand-in of its notifications', () => {
  let server: Server;
  let listeners: ServerResponse[];
  let urls: URL[];
  let recorder: DriverRecorder;
  let settings: Record<string, unknown>;
  let refusal: number | undefined;

  beforeEach(async () => {
    [listeners, urls, refusal] = [[], [], undefined];
    server = createServer((request, response) => {
      urls.push(new URL(request.url ?? '', 'http://x'));
      if (refusal !== undefined) {
        response.statusCode = refusal;
        response.end('<Error><Message>Access Denied.</Message></Error>');
        return;
      }
      response.flushHeaders();
      listeners.push(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    recorder = driverRecorder({ 's3/access': 'AKID', 's3/secret': 'hunter2' });
    const endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    settings = { bucket: { name: 'input' }, endpoint, insecure: true, ...keys };
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  const say = (line: object): boolean | undefined =>
    listeners.at(-1)?.write(`${JSON.stringify(line)}\n`);

  test('it listens with a signed request for the events, the prefix and the suffix', async () => {
    const asked = {
      ...settings,
      events: ['s3:ObjectCreated:Put', 's3:ObjectRemoved:*'],
      filter: { prefix: 'in/', suffix: '.txt' },
    };
    const running = await createMinioDriver().start(asked, recorder.context);
    expect(running.health()).toEqual({ kind: 'Healthy' });
    const { pathname = '', searchParams = new URLSearchParams() } = urls[0] ?? {};
    expect(pathname).toMatch(/^\/input\/?$/);
    expect(searchParams.getAll('events')).toEqual(asked.events);
    expect([searchParams.get('prefix'), searchParams.get('suffix')]).toEqual(['in/', '.txt']);
    expect(searchParams.get('X-Amz-Credential')).toMatch(/^AKID\/\d+\/us-east-1\/s3\//);
    expect(searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
    await running.stop();
    await eventually(() => listeners[0]?.destroyed === true);
  });

  test('a notification becomes an event once, whoever hears it, and pieces are put together', async () => {
    const driver = createMinioDriver();
    const running = await driver.start({ ...settings, metadata: { a: 'b' } }, recorder.context);
    const line = `${JSON.stringify({ Records: [recordOf('a.txt', '1')] })}\n`;
    listeners[0]?.write(' \n');
    listeners[0]?.write(line.slice(0, 20));
    await new Promise((resolve) => setTimeout(resolve, 20));
    listeners[0]?.write(line.slice(20) + line);
    say({ Records: null });
    say({ Records: [recordOf('a.txt', '2')] });
    await eventually(() => recorder.emitted.length === 2);
    expect(emittedData(recorder)[0]).toEqual({
      notification: [recordOf('a.txt', '1')],
      metadata: { a: 'b' },
    });
    expect(recorder.emitted[0]?.id).toMatch(/^[0-9a-f]{32}$/);
    listeners[0]?.write('no json\n');
    await eventually(() => recorder.refusals === 1);
    await running.stop();
    expect(recorder.emitted).toHaveLength(2);
  });

  test('an answer that ends is told, and the bucket is listened to again', async () => {
    const running = await createMinioDriver().start(settings, recorder.context);
    listeners[0]?.end();
    await eventually(() => running.health().kind === 'Failing');
    await eventually(() => listeners.length === 2);
    say({ Records: [recordOf('b.txt', '1')] });
    await eventually(() => recorder.emitted.length === 1);
    expect(running.health()).toEqual({ kind: 'Healthy' });
    await running.stop();
  });

  test('keys that are refused are told with what the server says, and never the secret', async () => {
    refusal = 403;
    const running = await createMinioDriver().start(settings, recorder.context);
    expect(JSON.stringify(running.health())).toContain('answered 403: Access Denied.');
    expect(JSON.stringify(running.health())).not.toContain('hunter2');
    await running.stop();
  });

  test('settings that are wrong are told by field', () => {
    const wrong = { endpoint: 'http://minio:9000', bucket: {}, events: ['Put'] };
    expect(createMinioDriver().problems(wrong)).toEqual([
      'endpoint must be a host with its port and no scheme, such as minio:9000',
      "bucket.name is missing; set the bucket's name",
      'events must be names such as s3:ObjectCreated:Put, not "Put"',
      'accessKey and secretKey must each name a Secret and one of its keys',
    ]);
    expect(createMinioDriver().problems(settings)).toEqual([]);
  });
});
