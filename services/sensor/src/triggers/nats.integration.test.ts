// Covers the NATS trigger against a real nats-server with a token: what arrives, wrong credentials, a server that
// is away, and that a stream stores a repeated firing once. Leaves out TLS and NKeys.
import { STREAMS } from '@argosy/api';
import { connectBus } from '@argosy/bus';
import { startTestNats } from '@argosy/testkit';
import { describe, expect, test } from 'vitest';
import { environmentWith, runTrigger, TRACEPARENT } from '../testing/trigger-call.ts';
import { createNatsTrigger } from './nats.ts';

const auth = { token: { name: 'nats', key: 'token' } };

describe('trigger nats, against nats-server', () => {
  test('a payload arrives with the trace, and a repeated firing is stored once', async () => {
    await using nats = await startTestNats();
    await using bus = await connectBus({ url: nats.url, token: nats.token, name: 'test' });
    await bus.applyTopology();
    const trigger = createNatsTrigger();
    const environment = environmentWith({ 'nats/token': nats.token ?? '' });
    const settings = {
      url: nats.url,
      subject: 'events.default.default.shop.orders',
      auth,
      payload: [['order', '17']],
    };
    for (const firingId of ['f1', 'f1', 'f2']) {
      expect(await runTrigger(trigger, settings, { environment, firingId })).toEqual({
        kind: 'Done',
      });
    }
    const stored: (readonly [string, string | undefined])[] = [];
    for await (const message of bus.read(STREAMS.events, 'events.>')) {
      stored.push([new TextDecoder().decode(message.event.data), message.traceparent]);
    }
    expect(stored).toEqual([
      ['{"order":"17"}', TRACEPARENT],
      ['{"order":"17"}', TRACEPARENT],
    ]);
    // The connection that is kept is lost with the server; the next firing opens another one.
    await nats.restart();
    await expect
      .poll(async () => (await runTrigger(trigger, settings, { environment })).kind)
      .toBe('Done');
    await trigger.close?.();
  });

  test('wrong credentials and a server that is away are failed attempts that say so', async () => {
    await using nats = await startTestNats();
    const trigger = createNatsTrigger();
    const settings = { url: nats.url, subject: 'a.b', auth, payload: [] };
    const wrong = environmentWith({ 'nats/token': 'hunter2' });
    const refused = await runTrigger(trigger, settings, { environment: wrong });
    expect(refused).toMatchObject({ kind: 'Failed', reason: expect.stringMatching(/auth/i) });
    expect(JSON.stringify(refused)).not.toContain('hunter2');
    const away = { ...settings, url: 'nats://127.0.0.1:1', auth: undefined };
    expect((await runTrigger(trigger, away)).kind).toBe('Failed');
    const wildcard = { ...settings, auth: undefined, subject: 'a.>' };
    expect((await runTrigger(trigger, wildcard)).kind).toBe('Refused');
    await trigger.close?.();
  });
});
