// Covers dead letters of the sensor service on the bus in memory: when one is kept and with what, redriving by the
// sensor's own mail, and replayed events. Leaves out the gateway's calls and the command line, which have their tests.
import {
  decodeDeadLetter,
  decodeRedriveReply,
  eventSubject,
  REPLAY_EXTENSION,
  type DeadLetter,
  type RedriveReply,
} from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Bus, BusMessage } from '@argosy/bus';
import { eventually } from '@argosy/testkit';
import { afterEach, expect, test, vi } from 'vitest';
import { createDeadLetters } from './dead-letters.ts';
import {
  callTrigger,
  lettersOn,
  MAIL,
  redriveMail,
  startTarget,
  type Target,
} from './testing/dead-letters.ts';
import {
  sensorOf,
  startHarness,
  submitTrigger,
  submittedOn,
  type Harness,
} from './testing/harness.ts';

vi.setConfig({ testTimeout: 30_000 });

const WITHIN = { timeoutMs: 8_000 };
const targets: Target[] = [];

afterEach(() => {
  for (const target of targets.splice(0)) target.close();
});

async function newTarget(): Promise<Target> {
  const target = await startTarget();
  targets.push(target);
  return target;
}

async function onlyLetter(bus: Bus): Promise<DeadLetter> {
  const letters = await eventually(async () => {
    const found = await lettersOn(bus);
    expect(found).toHaveLength(1);
    return found;
  }, WITHIN);
  const [letter] = letters;
  if (letter === undefined) throw new Error('there is no dead letter');
  return letter;
}

async function ready(harness: Harness): Promise<void> {
  await eventually(async () => expect(await harness.condition('s', 'Deployed')).toBe(''), WITHIN);
}

async function redrive(bus: Bus, letter: DeadLetter): Promise<RedriveReply> {
  const answer = await bus.publishForReply(redriveMail(letter), { timeoutMs: 5_000 });
  return decodeRedriveReply(answer.event.data);
}

test('a firing whose attempts are exhausted is kept with its events, its error and its attempts', async () => {
  const target = await newTarget();
  await using harness = await startHarness();
  await harness.apply('Sensor', 's', sensorOf(['orders'], callTrigger(target.url)));
  await ready(harness);
  const data = { body: { id: 'A 17' } };
  await harness.send({ eventSource: 'shop', eventName: 'orders', id: 'e1', data });
  const letter = await onlyLetter(harness.bus);
  expect(letter).toMatchObject({
    namespace: 'default',
    sensor: 's',
    trigger: 'call',
    attempts: 2,
    error: 'the answer was 500, which policy.status.allow does not list',
    firing: { on: 'orders', events: { orders: { id: 'e1', dataText: JSON.stringify(data) } } },
  });
  expect(letter.firing.id).toBe(target.keys[0]);
  expect(letter.dlqError).toBeUndefined();
  const labels = '{namespace="default",sensor_name="s",trigger_name="call"}';
  const text = await harness.context.metrics.render();
  expect(text).toContain(`argosy_sensor_dead_letters_total${labels} 1`);
});

test('the counters of a trigger and of its dlqTrigger are there with 0 before anything fires, under Argo’s names', async () => {
  await using harness = await startHarness();
  const log = { dlqTrigger: { template: { name: 'letter', log: {} } } };
  await harness.apply('Sensor', 's', sensorOf(['orders'], callTrigger('http://127.0.0.1:1/', log)));
  await ready(harness);
  const text = await harness.context.metrics.render();
  for (const trigger of ['call', 'letter']) {
    const labels = `{namespace="default",sensor_name="s",trigger_name="${trigger}"}`;
    for (const name of ['triggered', 'failed', 'retries_failed']) {
      expect(text).toContain(`argo_events_action_${name}_total${labels} 0`);
    }
  }
  expect(text).toMatch(/\nbuild_info\{version="\d[^"]*",goversion="node v\d[^"]*",goarch="\w+"/);
});

test('the dead letter is stored before the event is acknowledged', async () => {
  const target = await newTarget();
  let isAway = true;
  await using harness = await startHarness();
  const { bus } = harness;
  const publish = bus.publish.bind(bus);
  bus.publish = (message: BusMessage, options) =>
    isAway && message.subject.startsWith('events-dlq.')
      ? Promise.reject(new ArgosyError('UNAVAILABLE', 'the bus is away'))
      : publish(message, options);
  await harness.apply('Sensor', 's', sensorOf(['orders'], callTrigger(target.url)));
  await ready(harness);
  await harness.send({ eventSource: 'shop', eventName: 'orders', id: 'e1' });
  await eventually(
    () => harness.logs.some(({ msg }) => msg === 'an event will be delivered again'),
    WITHIN,
  );
  expect(await lettersOn(bus)).toEqual([]);
  isAway = false;
  expect((await onlyLetter(bus)).firing.events['orders']?.id).toBe('e1');
});

test('a dlqTrigger that works takes the firing; one that fails too leaves a dead letter that says so (rule 35)', async () => {
  const target = await newTarget();
  await using harness = await startHarness();
  const call = { name: 'call', http: { url: target.url, method: 'POST' } };
  const logged = callTrigger(target.url, {
    template: { ...call, conditions: 'orders' },
    dlqTrigger: { template: { name: 'letter', log: {} } },
  });
  const broken = callTrigger(target.url, {
    template: { ...call, name: 'other', conditions: 'payments' },
    dlqTrigger: { template: { name: 'broken', http: { url: 'http://127.0.0.1:1/' } } },
  });
  await harness.apply('Sensor', 's', sensorOf(['orders', 'payments'], logged, broken));
  await ready(harness);
  await harness.send({ eventSource: 'shop', eventName: 'orders', id: 'e1' });
  await eventually(() => harness.logs.some(({ msg }) => msg === 'log trigger'), WITHIN);
  expect(await lettersOn(harness.bus)).toEqual([]);
  await harness.send({ eventSource: 'shop', eventName: 'payments', id: 'e2' });
  const letter = await onlyLetter(harness.bus);
  expect(letter.error).toContain('500');
  expect(letter.dlqError).toContain('ECONNREFUSED');
});

test('a redrive runs the same firing again; the letter is renewed until that works, then it is gone', async () => {
  const target = await newTarget();
  await using harness = await startHarness();
  const { bus } = harness;
  await harness.apply('Sensor', 's', sensorOf(['orders'], callTrigger(target.url)));
  await ready(harness);
  await harness.send({ eventSource: 'shop', eventName: 'orders', id: 'e1' });
  const first = await onlyLetter(bus);
  target.status = 503;
  expect(await redrive(bus, first)).toMatchObject({
    kind: 'Failed',
    reason: expect.stringContaining('503'),
  });
  const second = await onlyLetter(bus);
  expect(second.error).toContain('503');
  expect(second.failedAtMs).toBeGreaterThanOrEqual(first.failedAtMs);
  target.status = 200;
  expect(await redrive(bus, second)).toEqual({ kind: 'Worked' });
  expect(await lettersOn(bus)).toEqual([]);
  expect(target.keys).toHaveLength(5);
  expect(new Set(target.keys)).toEqual(new Set([first.firing.id]));
  expect(await redrive(bus, second)).toEqual({ kind: 'Worked' });
  expect(target.keys).toHaveLength(5);
});

test('a redriven firing submits the workflow that it would have made at first', async () => {
  await using harness = await startHarness();
  const { bus } = harness;
  const source = { resource: { kind: 'Workflow', metadata: {}, spec: {} } };
  const wrong = { template: { name: 'run', argoWorkflow: { operation: 'submit', source } } };
  await harness.apply('Sensor', 's', sensorOf(['orders'], wrong));
  await ready(harness);
  await harness.send({ eventSource: 'shop', eventName: 'orders', id: 'e1' });
  const letter = await onlyLetter(bus);
  expect(letter.error).toContain('neither metadata.name nor generateName');
  await harness.apply('Sensor', 's', sensorOf(['orders'], submitTrigger()));
  await eventually(async () => {
    expect(await redrive(bus, letter)).toEqual({ kind: 'Worked' });
    expect(await submittedOn(bus)).toHaveLength(1);
  }, WITHIN);
});

test('a letter whose trigger is gone stays, and the redrive says why', async () => {
  const target = await newTarget();
  await using harness = await startHarness();
  const { bus } = harness;
  await harness.apply('Sensor', 's', sensorOf(['orders'], callTrigger(target.url)));
  await ready(harness);
  await harness.send({ eventSource: 'shop', eventName: 'orders', id: 'e1' });
  const letter = await onlyLetter(bus);
  await harness.apply('Sensor', 's', sensorOf(['orders'], submitTrigger()));
  await eventually(async () => {
    const reply = await redrive(bus, letter);
    expect(reply).toMatchObject({ reason: expect.stringContaining('no trigger call') });
  }, WITHIN);
  expect(await lettersOn(bus)).toHaveLength(1);
});

test('a replayed event fires what it fired before, with the same uid; with a new id it fires anew', async () => {
  await using harness = await startHarness();
  const { bus } = harness;
  await harness.apply('Sensor', 's', sensorOf(['orders'], submitTrigger()));
  await ready(harness);
  await harness.send({ eventSource: 'shop', eventName: 'orders', id: 'e1' });
  await eventually(async () => expect(await submittedOn(bus)).toHaveLength(1), WITHIN);
  const address = { namespace: 'default', eventBus: 'default', eventSource: 'shop' };
  const subject = eventSubject({ ...address, eventName: 'orders' });
  const event = {
    source: 'shop',
    type: 'webhook',
    subject: 'orders',
    extensions: { [REPLAY_EXTENSION]: subject },
    data: new TextEncoder().encode('{}'),
  };
  await bus.publish({ subject: MAIL, event: { ...event, id: 'e1' } }, { messageId: 'replay-1' });
  await bus.publish({ subject: MAIL, event: { ...event, id: 'e1-new' } });
  await eventually(async () => expect(await submittedOn(bus)).toHaveLength(2), WITHIN);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const uids = (await submittedOn(bus)).map(({ uid }) => uid);
  expect(uids).toHaveLength(2);
  expect(new Set(uids).size).toBe(2);
});

test('events that are too large together are kept without their data, and the letter says so', async () => {
  const stored: BusMessage[] = [];
  const bus = {
    publish(message: BusMessage) {
      if (message.event.data.byteLength > 1_000) {
        return Promise.reject(new ArgosyError('RESOURCE_EXHAUSTED', 'too large'));
      }
      stored.push(message);
      return Promise.resolve({ sequence: 1, duplicate: false });
    },
  } as unknown as Bus;
  const event = { id: 'e1', source: 'shop', type: 'webhook', dataText: 'x'.repeat(2_000) };
  const firing = { id: 'f1', trigger: 't', on: 'd', events: { d: event }, firedMs: 1 };
  const letters = createDeadLetters(bus, { namespace: 'n', sensor: 's' });
  await letters.keep(firing, { error: 'no', attempts: 1 });
  const kept = decodeDeadLetter(stored[0]?.event.data ?? new Uint8Array());
  expect(kept).toMatchObject({ isCut: true, firing: { events: { d: { id: 'e1' } } } });
  expect(kept.firing.events['d']?.dataText).toBeUndefined();
});
