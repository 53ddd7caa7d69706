// Covers the source against a stand-in of the service's HTTP interface, which checks signatures: events, bodies
// with entities, removal, an empty queue, wrong keys, wrong settings. Leaves out the service itself.
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually } from '@argosy/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { driverRecorder, emittedData } from '../../testing/driver-recorder.ts';
import { createMnsDriver } from './driver.ts';

const selectors = {
  accessKey: { name: 'ali', key: 'access' },
  secretKey: { name: 'ali', key: 'secret' },
};
const XMLNS = 'xmlns="http://mns.aliyuncs.com/doc/v1/"';
const refusal = (code: string): string =>
  `<?xml version="1.0"?><Error ${XMLNS}><Code>${code}</Code><Message>It is ${code}.</Message></Error>`;

describe('source mns, against a stand-in of its HTTP interface', () => {
  let server: Server;
  let endpoint: string;
  let content: { id: string; body: string }[];

  beforeEach(async () => {
    content = [];
    server = createServer((request, response) => {
      const { method = '', url = '', headers } = request;
      void text(request).then((body) => {
        const signed = `${method}\n\n${headers['content-type'] ?? ''}\n${headers.date ?? ''}\nx-mns-version:${String(headers['x-mns-version'])}\n${url}`;
        const signature = createHmac('sha1', 'hunter2').update(signed).digest('base64');
        if (headers.authorization !== `MNS AKID:${signature}`) {
          response.statusCode = 403;
          response.end(refusal('SignatureDoesNotMatch'));
        } else if (method === 'DELETE') {
          content = content.filter(({ id }) => !body.includes(`>receipt-${id}<`));
          response.statusCode = 204;
          response.end();
        } else if (content.length === 0) {
          response.statusCode = 404;
          setTimeout(() => response.end(refusal('MessageNotExist')), 20);
        } else {
          const messages = content.map(
            ({ id, body: inner }) =>
              `<Message><MessageId>${id}</MessageId><ReceiptHandle>receipt-${id}</ReceiptHandle><MessageBody>${inner}</MessageBody></Message>`,
          );
          response.end(`<?xml version="1.0"?><Messages ${XMLNS}>${messages.join('')}</Messages>`);
        }
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  test('messages become events in their order and are deleted after that', async () => {
    const recorder = driverRecorder({ 'ali/access': 'AKID', 'ali/secret': 'hunter2' });
    content = [
      { id: 'm1', body: 'a &lt;b&gt; &amp;amp; &#x4f60;' },
      { id: 'm2', body: 'two' },
    ];
    const settings = { queue: 'orders', endpoint: `${endpoint}/`, ...selectors };
    const running = await createMnsDriver().start(settings, recorder.context);
    await eventually(() => content.length === 0);
    expect(emittedData(recorder)).toEqual([
      { messageId: 'm1', body: 'a <b> &amp; 你' },
      { messageId: 'm2', body: 'two' },
    ]);
    expect(recorder.emitted[0]?.id).toMatch(/^[0-9a-f]{32}$/);
    expect(running.health()).toEqual({ kind: 'Healthy' });
    await running.stop();
  });

  test('with jsonBody a body is JSON, and what is none is deleted and counted', async () => {
    const recorder = driverRecorder({ 'ali/access': 'AKID', 'ali/secret': 'hunter2' });
    content = [
      { id: 'm1', body: 'nope' },
      { id: 'm2', body: '{"good":true}' },
    ];
    const settings = { queue: 'orders', endpoint, jsonBody: true, ...selectors };
    const running = await createMnsDriver().start(settings, recorder.context);
    await eventually(() => content.length === 0);
    expect(emittedData(recorder)).toEqual([{ messageId: 'm2', body: { good: true } }]);
    expect(recorder.refusals).toBe(1);
    await running.stop();
  });

  test('keys that are wrong are told with what the service says', async () => {
    const recorder = driverRecorder({ 'ali/access': 'AKID', 'ali/secret': 'other' });
    content = [{ id: 'm1', body: 'one' }];
    const settings = { queue: 'orders', endpoint, ...selectors };
    const running = await createMnsDriver().start(settings, recorder.context);
    await eventually(() => running.health().kind === 'Failing');
    expect(JSON.stringify(running.health())).toContain('It is SignatureDoesNotMatch.');
    expect([content.length, recorder.emitted.length]).toEqual([1, 0]);
    await running.stop();
  });
});

test('settings that are wrong are told by field', () => {
  expect(createMnsDriver().problems({ queue: 'a/b' })).toEqual([
    "queue must be the queue's name",
    'endpoint is missing; set the one of the account, such as https://1.mns.example',
    'accessKey and secretKey must each name a Secret and one of its keys',
  ]);
});
