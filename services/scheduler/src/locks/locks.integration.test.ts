// Covers locks on a real NATS with scheduler processes that are killed (-9) again and again, whoever keeps the locks and
// whoever owns the runs: no mutex is given twice, none is lost, and the log of the locks stays small. Leaves out the
// executor, which is scripted.
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BUCKETS, LOCK_FACTS_SUBJECT, STREAMS } from '@argosy/api';
import { connectBus, type NatsBus } from '@argosy/bus';
import type { Task } from '@argosy/core-workflow';
import { eventually, startTestNats, type TestNats } from '@argosy/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHarness, leafTemplate, type Harness } from '../testing/harness.ts';

const SCHEDULER = fileURLToPath(new URL('../main.ts', import.meta.url));
const RUNS = 12;
const TASK_MS = 60;
const KILLS = 5;
const DEADLINE_MS = 150_000;

let nats: TestNats;
let harness: Harness;
let children: ChildProcess[] = [];

beforeEach(async () => {
  nats = await startTestNats();
  const bus: NatsBus = await connectBus({ url: nats.url, name: 'test', token: nats.token });
  await bus.applyTopology({});
  harness = createHarness(bus);
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await harness.stop();
  await nats.stop();
});

function startProcess(replica: string): ChildProcess {
  const child = spawn(process.execPath, [SCHEDULER], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      ARGOSY_NATS_URL: nats.url,
      ARGOSY_NATS_TOKEN: nats.token,
      ARGOSY_PARTITIONS: '2',
      ARGOSY_REPLICA: replica,
      ARGOSY_LEASE_TTL_MS: '2000',
      ARGOSY_LOG_LEVEL: 'silent',
      ARGOSY_RPC_HOST: '127.0.0.1',
      ARGOSY_HEALTH_HOST: '127.0.0.1',
      ARGOSY_HEALTH_PORT: '0',
    },
  });
  children.push(child);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
  children = children.filter((other) => other !== child);
}

const wait = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));

/** Two steps one after the other, both under the same mutex, and the run under a semaphore of two. */
const spec = {
  entrypoint: 'main',
  synchronization: { semaphores: [{ configMapKeyRef: { name: 'limits', key: 'runs' } }] },
  templates: [
    {
      name: 'main',
      steps: [[{ name: 'a', template: 'leaf' }], [{ name: 'b', template: 'leaf' }]],
    },
    { ...leafTemplate, synchronization: { mutexes: [{ name: 'm' }] } },
  ],
};

async function messagesInLog(): Promise<number> {
  let count = 0;
  for await (const message of harness.bus.read(STREAMS.facts, LOCK_FACTS_SUBJECT)) {
    count += message.sequence > 0 ? 1 : 0;
  }
  return count;
}

test(
  'no lock is given twice and none is lost, though schedulers are killed at any moment',
  { timeout: DEADLINE_MS },
  async () => {
    const active = new Map<string, string>();
    const done = new Set<string>();
    const violations: string[] = [];
    const begin = (task: Task): void => {
      const { taskId, workflow } = task;
      // Sent again by a new owner: it is at work already, or its report is on its way.
      if (active.has(taskId) || done.has(taskId)) return;
      if (active.size > 0) violations.push(`${taskId} beside ${[...active.keys()].join()}`);
      active.set(taskId, workflow);
      setTimeout(() => {
        active.delete(taskId);
        done.add(taskId);
        void harness.finish(task);
      }, TASK_MS);
    };
    harness.answerTasks((task) => {
      begin(task);
      return undefined;
    });
    await harness.declare({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'limits' },
      data: { runs: '2' },
    });
    let schedulers = [startProcess('one'), startProcess('two')];
    for (let number = 0; number < RUNS; number += 1) {
      await harness.submitBlindly(`uid-${number}`, `wf-${number}`, spec);
    }
    for (let number = 0; number < KILLS; number += 1) {
      await wait(900 + 500 * number);
      const [victim, ...others] = schedulers;
      if (victim === undefined) throw new Error('no scheduler to kill');
      await end(victim);
      schedulers = [...others, startProcess(`again-${number}`)];
    }
    const runs = await harness.bus.keyValue(BUCKETS.runs);
    await eventually(
      async () => {
        const phases = await Promise.all(
          Array.from({ length: RUNS }, async (_, number) => {
            return (await harness.summary(`wf-${number}`))?.phase ?? 'none';
          }),
        );
        expect(phases).toEqual(Array<string>(RUNS).fill('Succeeded'));
      },
      { timeoutMs: 100_000, intervalMs: 500 },
    );
    expect(violations).toEqual([]);
    expect(done.size).toBe(2 * RUNS);
    expect((await runs.keys()).length).toBe(RUNS);
    expect(await messagesInLog()).toBeLessThan(1_000);
  },
);
