// Covers 20,000 events that are posted to three event sources, stored, ANDed and turned into runs, while the
// event source, both replicas of the sensor and nats-server are killed (-9) at random moments: nothing that was
// answered with 200 is lost, no run is asked for twice, and each is explained by its events. Leaves out the owner
// of the runs (faults.test.ts), power failures and disks that lose what was written.
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BUCKETS, STREAMS, decodeCommand, resourceKey } from '@argosy/api';
import { connectBus, type NatsBus } from '@argosy/bus';
import { firingId, uidOfFiring } from '@argosy/core-events';
import {
  eventually,
  freePort,
  startTestNats,
  temporaryDirectory,
  type TestNats,
} from '@argosy/testkit';
import { expect, test } from 'vitest';
import {
  serviceEnvironment,
  startServiceProcess,
  type ServiceProcess,
} from './support/service-process.ts';

const SOURCES = ['shop', 'bank', 'depot'];
const TRIGGERS = 40;
const ROUNDS = 167;
const EVENTS = SOURCES.length * TRIGGERS * ROUNDS;
const REPLICAS = 2;
/** How often each of the three programs is killed. */
const KILLS = 3;
/** Posts under way at once. */
const CONNECTIONS = 64;
const POST_TIMEOUT_MS = 15_000;
const POST_RETRY_MS = 20;
/** Some 60 s on two quiet cores. */
const TEST_TIMEOUT_MS = 480_000;
const WITHIN = { timeoutMs: 120_000, intervalMs: 20 };
/** What a wrong repetition would take to arrive when all is quiet. */
const QUIET_MS = 1_500;
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

const numbers = Array.from({ length: TRIGGERS }, (_, index) => index);
const dependencyOf = (source: string, trigger: number): string => `${source}${trigger}`;
const keyOf = (source: string, trigger: number, round: number): string =>
  `${source} ${trigger} ${round}`;

/** Has the events e0, e1 … at the endpoints /SOURCE/0, /SOURCE/1 … */
function eventSource(source: string, port: number): object {
  const webhook = Object.fromEntries(
    numbers.map((number) => [
      `e${number}`,
      { port: String(port), endpoint: `/${source}/${number}`, method: 'POST' },
    ]),
  );
  return { spec: { webhook } };
}

/** Trigger t waits for event t of all three sources. */
function sensor(): object {
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

async function apply(bus: NatsBus, kind: string, name: string, body: object): Promise<void> {
  const resources = await bus.keyValue(BUCKETS.resources);
  const metadata = { name, namespace: 'default' };
  const value = new TextEncoder().encode(JSON.stringify({ kind, metadata, ...body }));
  await resources.put(resourceKey(kind, 'default', name), value);
}

async function untilDeployed(bus: NatsBus, kind: string, name: string): Promise<void> {
  const resources = await bus.keyValue(BUCKETS.resources);
  await eventually(async () => {
    const entry = await resources.get(resourceKey(kind, 'default', name));
    expect(new TextDecoder().decode(entry?.value)).toContain('"Deployed","status":"True"');
  }, WITHIN);
}

/** What was asked for: uids in the order of the stream, and how many of each trigger. */
interface Submissions {
  readonly uids: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
}

function followSubmissions(bus: NatsBus, signal: AbortSignal): Submissions {
  const uids: string[] = [];
  const counts = new Map<string, number>();
  const follow = async (): Promise<void> => {
    for await (const message of bus.read(STREAMS.commands, 'cmd.>', { follow: true, signal })) {
      const command = decodeCommand(message.event.data);
      if (command?.kind !== 'Submit') continue;
      uids.push(command.submit.uid);
      const trigger = /^t\d+/.exec(command.submit.name)?.[0] ?? '';
      counts.set(trigger, (counts.get(trigger) ?? 0) + 1);
    }
  };
  void follow().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return { uids, counts };
}

interface Poster {
  readonly agent: Agent;
  readonly port: number;
}

/** The status of the answer, or why there was none. */
function post({ agent, port }: Poster, path: string, key: string): Promise<number | string> {
  const body = JSON.stringify({ key });
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'idempotency-key': key,
  };
  return new Promise((resolve) => {
    const call = request(
      { agent, port, path, headers, host: '127.0.0.1', method: 'POST', timeout: POST_TIMEOUT_MS },
      (response) => {
        response.resume();
        response.once('error', (error) => resolve(error.message));
        response.once('end', () => resolve(response.statusCode ?? 0));
      },
    );
    call.once('timeout', () => call.destroy(new Error('no answer in time')));
    call.once('error', (error) => resolve(error.message));
    call.end(body);
  });
}

/** Posts as a careful sender does: again and again with the same key until it is answered with 200. */
async function postUntilStored(poster: Poster, path: string, key: string): Promise<void> {
  const giveUpAtMs = Date.now() + WITHIN.timeoutMs;
  for (;;) {
    const answer = await post(poster, path, key);
    if (answer === 200) return;
    if (Date.now() > giveUpAtMs) throw new Error(`${key} is not stored: ${answer}`);
    await delay(POST_RETRY_MS);
  }
}

/** The id of each stored event by the key it was posted with. @throws when one is stored twice. */
async function storedEvents(bus: NatsBus): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for await (const { event } of bus.read(STREAMS.events, 'events.>')) {
    const data = JSON.parse(new TextDecoder().decode(event.data)) as { body: { key: string } };
    if (ids.has(data.body.key)) throw new Error(`${data.body.key} is stored twice`);
    ids.set(data.body.key, event.id);
  }
  return ids;
}

/** The uid that the firing of a trigger in a round must have. */
function uidOf(trigger: number, round: number, ids: ReadonlyMap<string, string>): string {
  const identity = { namespace: 'default', sensor: 's', trigger: `t${trigger}` };
  const events = SOURCES.map((source) => {
    const event = { source, id: ids.get(keyOf(source, trigger, round)) ?? 'not stored' };
    return [dependencyOf(source, trigger), event] as const;
  });
  return uidOfFiring(firingId(identity, Object.fromEntries(events)));
}

type Victim = Pick<ServiceProcess, 'kill' | 'restart'>;

/** The programs that are killed, each by its name. */
function victims(nats: TestNats, logDirectory: string): ReadonlyMap<string, Victim> {
  const environment = serviceEnvironment(nats);
  const start = (service: string, name: string): [string, Victim] => {
    const logFile = join(logDirectory, `${name}.log`);
    return [name, startServiceProcess(service, { environment, logFile })];
  };
  return new Map([
    start('event-source', 'event-source'),
    ...Array.from({ length: REPLICAS }, (_, index) => start('sensor', `sensor-${index}`)),
    ['nats', { kill: () => nats.kill(), restart: () => nats.restart() }],
  ]);
}

/** Which program is killed after how many events. */
function planOf(
  random: () => number,
): readonly { readonly atEvent: number; readonly who: string }[] {
  const sensors = (): string => `sensor-${Math.floor(random() * REPLICAS)}`;
  return ['event-source', 'sensor', 'nats']
    .flatMap((who) => Array.from({ length: KILLS }, () => who))
    .map((who) => ({
      atEvent: Math.floor(random() * EVENTS),
      who: who === 'sensor' ? sensors() : who,
    }))
    .toSorted((left, right) => left.atEvent - right.atEvent);
}

test(
  `20,000 events of three sources under AND survive kill -9 of event source, sensors and server (seed ${SEED})`,
  { timeout: TEST_TIMEOUT_MS },
  async () => {
    const random = randomOf(SEED);
    await using nats = await startTestNats();
    await using bus = await connectBus({ url: nats.url, token: nats.token, name: 'test' });
    await using directory = await temporaryDirectory('argosy-events-faults-');
    await bus.applyTopology();
    const programs = victims(nats, directory.path);
    const poster = {
      port: await freePort(),
      agent: new Agent({ keepAlive: true, maxSockets: CONNECTIONS }),
    };
    const stopping = new AbortController();
    const plan = [...planOf(random)];
    const kills: Promise<void>[] = [];
    let posted = 0;
    try {
      for (const source of SOURCES) {
        await apply(bus, 'EventSource', source, eventSource(source, poster.port));
      }
      await apply(bus, 'Sensor', 's', sensor());
      for (const source of SOURCES) await untilDeployed(bus, 'EventSource', source);
      await untilDeployed(bus, 'Sensor', 's');
      const submissions = followSubmissions(bus, stopping.signal);
      const runTrigger = async (trigger: number): Promise<void> => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const posts = SOURCES.map(async (source) => {
            await delay(random() * 5);
            const path = `/${source}/${trigger}`;
            await postUntilStored(poster, path, keyOf(source, trigger, round));
            posted += 1;
            for (; plan[0] !== undefined && posted > plan[0].atEvent; plan.shift()) {
              const program = programs.get(plan[0].who);
              if (program !== undefined) kills.push(program.restart());
            }
          });
          await Promise.all(posts);
          // The next events must not take the place of these: the latest of a dependency counts.
          await eventually(() => (submissions.counts.get(`t${trigger}`) ?? 0) > round, WITHIN);
        }
      };
      await Promise.all(numbers.map(runTrigger));
      await Promise.all(kills);
      await delay(QUIET_MS);
      const ids = await storedEvents(bus);
      expect(ids.size).toBe(EVENTS);
      const expected = numbers.flatMap((trigger) =>
        Array.from({ length: ROUNDS }, (_, round) => uidOf(trigger, round, ids)),
      );
      expect(submissions.uids.toSorted()).toEqual(expected.toSorted());
      expect(EVENTS).toBeGreaterThanOrEqual(20_000);
      expect(kills).toHaveLength(3 * KILLS);
    } finally {
      stopping.abort();
      poster.agent.destroy();
      // One that is just being started again must not outlive the test.
      await Promise.allSettled(kills);
      await Promise.all(Array.from(programs.values(), (program) => program.kill()));
    }
  },
);
