// Covers 20,000 events of three event sources that are ANDed, worked off by two replicas of the sensor, each a
// process, which are killed (-9) at random moments on a real nats-server: the submissions are exactly those that
// the events call for. Leaves out faults of the server (sensor.integration.test.ts) and the scheduler.
import { STREAMS, decodeCommand } from '@argosy/api';
import { connectBus, type NatsBus } from '@argosy/bus';
import { firingId, uidOfFiring } from '@argosy/core-events';
import { eventually, startTestNats } from '@argosy/testkit';
import { expect, test } from 'vitest';
import { applyTo, sendTo } from './testing/harness.ts';
import { startSensorProcess, type SensorProcess } from './testing/sensor-process.ts';

const SOURCES = ['shop', 'bank', 'depot'];
const TRIGGERS = 40;
const ROUNDS = 167;
const KILLS = 3;
const REPLICAS = 2;
const TEST_TIMEOUT_MS = 240_000;
const WITHIN = { timeoutMs: 60_000, intervalMs: 10 };
const SEED = Number(process.env['ARGOSY_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** mulberry32: numbers from 0 to 1 that a seed decides. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const dependencyOf = (source: string, trigger: number): string => `${source}${trigger}`;
const eventIdOf = (source: string, trigger: number, round: number): string =>
  `${source}-${trigger}-${round}`;

/** Trigger t waits for event t of all three sources. */
function sensor(): object {
  const numbers = Array.from({ length: TRIGGERS }, (_, index) => index);
  const dependencies = numbers.flatMap((number) =>
    SOURCES.map((source) => ({
      name: dependencyOf(source, number),
      eventSourceName: source,
      eventName: `e${number}`,
    })),
  );
  const triggers = numbers.map((number) => ({
    template: {
      name: `t${number}`,
      conditions: SOURCES.map((source) => dependencyOf(source, number)).join(' && '),
      argoWorkflow: {
        operation: 'submit',
        source: {
          resource: {
            apiVersion: 'argoproj.io/v1alpha1',
            kind: 'Workflow',
            metadata: { generateName: `t${number}-` },
            spec: { workflowTemplateRef: { name: 'pipeline' } },
          },
        },
      },
    },
  }));
  return { spec: { dependencies, triggers } };
}

/** The uid that the firing of a trigger in a round must have. */
function uidOf(trigger: number, round: number): string {
  const identity = { namespace: 'default', sensor: 's', trigger: `t${trigger}` };
  const events = SOURCES.map((source) => {
    const event = { source, id: eventIdOf(source, trigger, round) };
    return [dependencyOf(source, trigger), event] as const;
  });
  return uidOfFiring(firingId(identity, Object.fromEntries(events)));
}

/** Publishes a round's events in an order that chance decides. */
async function publish(bus: NatsBus, round: number, random: () => number): Promise<void> {
  const events = SOURCES.flatMap((source) =>
    Array.from({ length: TRIGGERS }, (_, trigger) => ({ source, trigger, order: random() })),
  ).toSorted((left, right) => left.order - right.order);
  const sending = events.map(({ source, trigger }) =>
    sendTo(bus, {
      eventSource: source,
      eventName: `e${trigger}`,
      id: eventIdOf(source, trigger, round),
    }),
  );
  await Promise.all(sending);
}

/** Follows the submissions; the uids in the order of the stream. */
function followSubmissions(bus: NatsBus, signal: AbortSignal): readonly string[] {
  const uids: string[] = [];
  const follow = async (): Promise<void> => {
    for await (const message of bus.read(STREAMS.commands, 'cmd.>', { follow: true, signal })) {
      const command = decodeCommand(message.event.data);
      if (command?.kind === 'Submit') uids.push(command.submit.uid);
    }
  };
  void follow().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return uids;
}

test(
  `20,000 events of three sources under AND: kill -9 of sensors loses and doubles nothing (seed ${SEED})`,
  { timeout: TEST_TIMEOUT_MS },
  async () => {
    const random = randomOf(SEED);
    await using nats = await startTestNats();
    await using bus = await connectBus({ url: nats.url, token: nats.token, name: 'test' });
    await bus.applyTopology();
    const replicas: SensorProcess[] = [];
    for (let count = 0; count < REPLICAS; count += 1) replicas.push(startSensorProcess(nats));
    const stopping = new AbortController();
    const killAt = new Set<number>();
    while (killAt.size < KILLS) killAt.add(Math.floor(random() * ROUNDS));
    const killed: Promise<void>[] = [];
    try {
      await applyTo(bus, 'Sensor', 's', sensor());
      await eventually(async () => {
        const entry = await (await bus.keyValue('resources')).get('sensor.default.s');
        expect(new TextDecoder().decode(entry?.value)).toContain('"Deployed","status":"True"');
      }, WITHIN);
      const uids = followSubmissions(bus, stopping.signal);
      for (let round = 0; round < ROUNDS; round += 1) {
        if (killAt.has(round)) killed.push(killSoon(replicas, nats, random));
        await publish(bus, round, random);
        // The next events must not take the place of these: the latest of a dependency counts.
        await eventually(() => uids.length >= (round + 1) * TRIGGERS, WITHIN);
      }
      await Promise.all(killed);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const expected = Array.from({ length: ROUNDS * TRIGGERS }, (_, index) =>
        uidOf(index % TRIGGERS, Math.floor(index / TRIGGERS)),
      );
      expect(uids.toSorted()).toEqual(expected.toSorted());
      expect(ROUNDS * TRIGGERS * SOURCES.length).toBeGreaterThanOrEqual(20_000);
      expect(killed).toHaveLength(KILLS);
    } finally {
      stopping.abort();
      await Promise.all(replicas.map((replica) => replica.kill()));
    }
  },
);

/** Kills one of the replicas within the next 100 ms and starts another in its place. */
async function killSoon(
  replicas: SensorProcess[],
  nats: Parameters<typeof startSensorProcess>[0],
  random: () => number,
): Promise<void> {
  const index = Math.floor(random() * replicas.length);
  await new Promise((resolve) => setTimeout(resolve, random() * 100));
  await replicas[index]?.kill();
  replicas[index] = startSensorProcess(nats);
}
