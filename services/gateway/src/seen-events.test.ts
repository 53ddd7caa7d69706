// Covers what the gateway shows and does about events that are kept: watching from a moment, replay, dead letters, and
// what sensors keep, by gRPC and REST. Leaves out what a sensor does with its mail, which services/sensor tests.
import {
  BUCKETS,
  deadLetterSubject,
  decodeRedrive,
  encodeDeadLetter,
  encodeRedriveReply,
  EventService,
  EVENT_TYPES,
  RedriveDeadLetterResponse_Outcome as Outcome,
  REPLAY_EXTENSION,
  resourceKey,
  sensorMailSubject,
  sensorStateKey,
  STREAMS,
  type DeadLetter,
} from '@argosy/api';
import type { StoredMessage } from '@argosy/bus';
import { createRpcClient, type RpcClient } from '@argosy/rpc';
import { eventually } from '@argosy/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHarness, TOKEN, type Harness } from './testing/harness.ts';

let harness: Harness;
let client: RpcClient<typeof EventService>;
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

beforeEach(async () => {
  harness = await startHarness();
  client = createRpcClient(EventService, harness.gateway.rpcAddress, { token: TOKEN });
});
afterEach(async () => {
  client.close();
  await harness.stop();
});

async function declareSensor(name: string, eventName: string, trigger = 'run'): Promise<void> {
  const manifest = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Sensor',
    metadata: { name, namespace: 'default' },
    spec: {
      dependencies: [{ name: 'd', eventSourceName: 'shop', eventName }],
      triggers: [{ template: { name: trigger, log: {} } }],
    },
  };
  const bucket = await harness.bus.keyValue(BUCKETS.resources);
  await bucket.put(resourceKey('Sensor', 'default', name), encode(manifest));
  await eventually(async () => {
    expect((await harness.call('GET', `/api/v1/sensors/default/${name}`)).status).toBe(200);
  });
}

const send = (eventName: string, id: string): Promise<unknown> =>
  client.sendEvent({ eventSource: 'shop', eventName, id, data: encode({ id }) });

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function mailOf(sensor: string): Promise<readonly StoredMessage[]> {
  const subject = sensorMailSubject({ namespace: 'default', eventBus: 'default', sensor });
  return collect(harness.bus.read(STREAMS.events, subject));
}

describe('watching', () => {
  it('shows what is kept from a sequence, a time or a duration on, and ends when it is not to follow', async () => {
    await send('orders', 'e1');
    const before = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await send('orders', 'e2');
    await send('payments', 'p1');
    const seen = async (since: string, eventName = ''): Promise<string[]> =>
      (await collect(client.watchEvents({ since, eventName, noFollow: true }))).map(({ id }) => id);
    expect(await seen('1h')).toEqual(['e1', 'e2', 'p1']);
    expect(await seen('#2')).toEqual(['e2', 'p1']);
    expect(await seen('2', 'orders')).toEqual(['e2']);
    expect(await seen('', 'payments')).toEqual(['p1']);
    expect(await seen(before)).toEqual(['e2', 'p1']);
    await expect(seen('+5m')).rejects.toThrow('since: "+5m" is no place in the stream');
    await expect(collect(client.watchEvents({ eventSource: '_sensors' }))).rejects.toThrow('"_"');
  });

  it('streams them by REST as CloudEvents', async () => {
    await send('orders', 'e1');
    const path = '/api/v1/stream/stored-events/default?since=1h&noFollow=true';
    const text = await (await harness.fetch(path)).text();
    expect(JSON.parse(text)).toMatchObject({
      result: { eventSource: 'shop', sequence: 1, event: { id: 'e1', data: { id: 'e1' } } },
    });
  });
});

describe('replay', () => {
  it('gives each event to the sensors that listen to it, in order and with its own id', async () => {
    await declareSensor('a', 'orders');
    await declareSensor('b', 'orders');
    await declareSensor('c', 'payments');
    await send('orders', 'e1');
    await send('refunds', 'r1');
    await send('orders', 'e2');
    const told = await collect(client.replayEvents({ since: '1h' }));
    expect(told.map(({ id, sensors, sequence }) => [id, sensors, sequence])).toEqual([
      ['e1', ['a', 'b'], 1n],
      ['e2', ['a', 'b'], 3n],
    ]);
    const mail = await mailOf('b');
    expect(mail.map(({ event }) => event.id)).toEqual(['e1', 'e2']);
    expect(mail[0]?.event.extensions).toEqual({
      [REPLAY_EXTENSION]: 'events.default.default.shop.orders',
    });
    expect(await mailOf('c')).toEqual([]);
    // What was given is no event of its own: it is neither shown nor replayed.
    expect(await collect(client.watchEvents({ since: '1h', noFollow: true }))).toHaveLength(3);
    expect(await collect(client.replayEvents({ since: '1h', sensor: 'a' }))).toHaveLength(2);
    expect(await mailOf('b')).toHaveLength(2);
  });

  it('ends with until, stores nothing on a dry run, and makes the ids of a named replay once', async () => {
    await declareSensor('a', 'orders');
    await send('orders', 'e1');
    await send('orders', 'e2');
    const range = { since: '1', until: '1', sensor: 'a' };
    expect(await collect(client.replayEvents({ ...range, dryRun: true }))).toHaveLength(1);
    expect(await mailOf('a')).toEqual([]);
    const fresh = { ...range, asNew: true, name: 'again' };
    await collect(client.replayEvents(fresh));
    await collect(client.replayEvents(fresh));
    expect((await mailOf('a')).map(({ event }) => event.id)).toEqual(['e1-again']);
    await collect(client.replayEvents({ ...range, asNew: true }));
    expect((await mailOf('a'))[1]?.event.id).toMatch(/^e1-replay-[0-9a-f]{8}$/);
  });

  it('refuses a range without begin and a sensor that is not there, and goes by REST, too', async () => {
    await expect(collect(client.replayEvents({}))).rejects.toThrow('since must be set');
    const missing = client.replayEvents({ since: '1h', sensor: 'nobody' });
    await expect(collect(missing)).rejects.toThrow(/nobody/);
    await declareSensor('a', 'orders');
    await send('orders', 'e1');
    const body = JSON.stringify({ since: '1h' });
    const headers = { 'content-type': 'application/json' };
    const path = '/api/v1/replays/default';
    const answer = await harness.fetch(path, { method: 'POST', body, headers });
    expect(JSON.parse(await answer.text())).toEqual({
      result: {
        eventSource: 'shop',
        eventName: 'orders',
        id: 'e1',
        sensors: ['a'],
        sequence: 1,
      },
    });
  });
});

function letterOf(id: string, changes: Partial<DeadLetter> = {}): DeadLetter {
  const event = { id: 'e1', source: 'shop', type: 'webhook', subject: 'orders', dataText: '{}' };
  return {
    namespace: 'default',
    sensor: 'a',
    trigger: 'run',
    error: 'the answer was 500',
    attempts: 3,
    failedAtMs: 1_000,
    firing: { id, trigger: 'run', on: 'd', events: { d: event }, firedMs: 900 },
    ...changes,
  };
}

async function keep(letter: DeadLetter): Promise<void> {
  const { namespace, sensor, trigger, firing } = letter;
  await harness.bus.publish({
    subject: deadLetterSubject({ namespace, sensor, trigger, firingId: firing.id }),
    event: {
      id: firing.id,
      source: 'test',
      type: EVENT_TYPES.deadLetter,
      data: encodeDeadLetter(letter),
    },
  });
}

const ID = 'ab12'.padEnd(64, '0');
const OTHER_ID = 'ab13'.padEnd(64, '0');

describe('dead letters', () => {
  it('are listed without data and shown whole, by the id or a beginning that no other has', async () => {
    await keep(letterOf(ID));
    await keep(letterOf(OTHER_ID, { sensor: 'b' }));
    await keep(letterOf(ID, { namespace: 'elsewhere' }));
    const { deadLetters, more } = await client.listDeadLetters({});
    expect(more).toBe(false);
    expect(deadLetters).toMatchObject([
      { id: ID, sensor: 'a', attempts: 3, events: { d: 'shop/orders/e1' } },
      { id: OTHER_ID, sensor: 'b' },
    ]);
    const ofB = await client.listDeadLetters({ sensor: 'b' });
    expect(ofB.deadLetters.map(({ id }) => id)).toEqual([OTHER_ID]);
    expect((await client.listDeadLetters({ limit: 1 })).more).toBe(true);
    await expect(client.listDeadLetters({ limit: 9_999 })).rejects.toThrow('from 1 to 5000');
    const { letterJson } = await client.getDeadLetter({ id: 'ab12' });
    expect(JSON.parse(new TextDecoder().decode(letterJson))).toEqual(letterOf(ID));
    await expect(client.getDeadLetter({ id: 'ab' })).rejects.toThrow('at least its first 4 digits');
    await expect(client.getDeadLetter({ id: 'ffff' })).rejects.toThrow('no dead letter "ffff"');
    const listed = await harness.call('GET', '/api/v1/dead-letters/default?sensor=a');
    expect(listed.body).toMatchObject({ items: [{ trigger: 'run' }], more: false });
    expect(JSON.stringify(listed.body)).not.toContain('dataText');
  });

  it('are deleted one by one', async () => {
    await keep(letterOf(ID));
    await keep(letterOf(OTHER_ID));
    expect(await client.deleteDeadLetter({ id: 'ab13' })).toMatchObject({ id: OTHER_ID });
    const answer = await harness.call('GET', '/api/v1/dead-letters/default');
    expect(answer.body['items']).toMatchObject([{ firing: { id: ID } }]);
    expect((await harness.call('DELETE', `/api/v1/dead-letters/default/${ID}`)).status).toBe(200);
    expect((await client.listDeadLetters({})).deadLetters).toEqual([]);
  });

  it('are handed to their sensor, whose answer is passed on', async () => {
    await keep(letterOf(ID));
    await declareSensor('a', 'orders');
    const redriven = client.redriveDeadLetter({ id: ID });
    const [request] = await eventually(async () => {
      const mail = await mailOf('a');
      expect(mail).toHaveLength(1);
      return mail;
    });
    if (request === undefined) throw new Error('the sensor got nothing');
    expect(decodeRedrive(request.event.data)).toEqual({ trigger: 'run', firingId: ID });
    const data = encodeRedriveReply({ kind: 'Failed', reason: 'still 500' });
    const event = { id: 'r', source: 'test', type: EVENT_TYPES.redriveReply, data };
    harness.bus.send({ subject: request.replyTo ?? '', event });
    expect(await redriven).toMatchObject({ outcome: Outcome.FAILED, message: 'still 500', id: ID });
  });

  it('are not handed to a sensor that is gone or has no such trigger any more', async () => {
    await keep(letterOf(ID));
    await expect(client.redriveDeadLetter({ id: ID })).rejects.toThrow(/"?a"?/);
    await declareSensor('a', 'orders', 'other');
    await expect(client.redriveDeadLetter({ id: ID })).rejects.toThrow('no trigger "run" any more');
    expect(await mailOf('a')).toEqual([]);
  });
});

it('what a sensor keeps is told by trigger and dependency', async () => {
  const event = { id: 'e1', source: 'shop', type: 'webhook' };
  const pending = { run: { pending: { d: { event, arrivedMs: 5_000 } } } };
  const bucket = await harness.bus.keyValue(BUCKETS.sensorState);
  await bucket.put(sensorStateKey('default', 'a'), encode({ pending, owed: [{}] }));
  expect(await client.getSensorState({ name: 'a' })).toMatchObject({
    pending: [{ trigger: 'run', dependency: 'd', eventId: 'e1', arrivedAt: { seconds: 5n } }],
    firingsOwed: 1,
  });
  expect(await client.getSensorState({ name: 'b' })).toMatchObject({ pending: [], firingsOwed: 0 });
});
