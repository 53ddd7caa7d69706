import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, freePort } from '@argosy/testkit';
import { milliseconds as ms, quantile } from './figures.ts';
import { residentBytes, type BenchInstallation } from './installation.ts';

/** One row of the table. */
export interface Row {
  readonly what: string;
  readonly found: string;
  /** What Argo takes for the same work on a like machine, if it was measured. */
  readonly argo?: { readonly text: string; readonly ratio: number };
  readonly goal?: string;
}

const encoder = new TextEncoder();

type Spec = Readonly<Record<string, unknown>>;

const TRUE = { name: 'leaf', container: { image: 'busybox', command: ['true'] } };

/** Submits and waits for the end; milliseconds from the call until the index says that the run is finished. */
async function runOnce({ connection, ends }: BenchInstallation, spec: Spec): Promise<number> {
  const beganMs = performance.now();
  const manifest = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { generateName: 'bench-' },
    spec,
  };
  const answer = await connection.workflows.submitWorkflow(
    { source: { case: 'manifest', value: encoder.encode(JSON.stringify(manifest)) } },
    { deadlineMs: 120_000 },
  );
  const name = answer.summary?.name ?? '';
  const end = await ends.of(name);
  if (end.phase !== 'Succeeded') throw new Error(`${name} ended as ${end.phase}`);
  return end.atMs - beganMs;
}

async function repeat(times: number, job: () => Promise<number>): Promise<readonly number[]> {
  const results: number[] = [];
  for (let round = 0; round < times; round += 1) results.push(await job());
  return results.sort((left, right) => left - right);
}

function besideArgo(argoMs: number, foundMs: number, text: string): NonNullable<Row['argo']> {
  return { text, ratio: argoMs / foundMs };
}

export async function helloWorld(installation: BenchInstallation): Promise<Row> {
  const spec = { entrypoint: 'leaf', templates: [TRUE] };
  await repeat(5, () => runOnce(installation, spec));
  const times = await repeat(50, () => runOnce(installation, spec));
  const p50 = quantile(times, 0.5);
  return {
    what: 'hello-world, submit → Succeeded (50 runs)',
    found: `p50 ${ms(p50)}, p95 ${ms(quantile(times, 0.95))}`,
    argo: besideArgo(10_000, p50, '10.0 s'),
    goal: 'p50 ≤ 50 ms',
  };
}

export async function chain(installation: BenchInstallation): Promise<Row> {
  const tasks = Array.from({ length: 10 }, (_, index) => ({
    name: `step-${index}`,
    template: 'leaf',
    ...(index === 0 ? {} : { dependencies: [`step-${index - 1}`] }),
  }));
  const spec = { entrypoint: 'main', templates: [{ name: 'main', dag: { tasks } }, TRUE] };
  const times = await repeat(10, () => runOnce(installation, spec));
  const p50 = quantile(times, 0.5);
  return {
    what: 'chain of 10 tasks (10 runs)',
    found: `p50 ${ms(p50)}, p95 ${ms(quantile(times, 0.95))}`,
    argo: besideArgo(100_100, p50, '100.1 s'),
    goal: '≤ 300 ms',
  };
}

export async function fanOut(installation: BenchInstallation): Promise<Row> {
  const steps = [[{ name: 'each', template: 'leaf', withSequence: { count: '50' } }]];
  const spec = { entrypoint: 'main', templates: [{ name: 'main', steps }, TRUE] };
  const times = await repeat(5, () => runOnce(installation, spec));
  const p50 = quantile(times, 0.5);
  return {
    what: 'fan-out of 50 tasks (5 runs)',
    found: `p50 ${ms(p50)}`,
    argo: besideArgo(40_200, p50, '40.2 s'),
  };
}

/** N times a steps template whose only step is skipped: all engine, no task. */
export async function skipped(
  installation: BenchInstallation,
  options: {
    readonly count: number;
    readonly argoMs?: number;
    readonly goal?: string;
    /** Default 3. */
    readonly rounds?: number;
  },
): Promise<Row> {
  const { count, argoMs, goal, rounds = 3 } = options;
  const skip = { name: 'skip', steps: [[{ name: 'never', template: 'leaf', when: 'false' }]] };
  const each = { name: 'each', template: 'skip', withSequence: { count: String(count) } };
  const main = { name: 'main', steps: [[each]] };
  const spec = { entrypoint: 'main', templates: [main, skip, TRUE] };
  const lists = watchLists(installation);
  const times = await repeat(rounds, () => runOnce(installation, spec));
  const slowestMs = await lists.stop();
  const best = times[0] ?? 0;
  const p50 = quantile(times, 0.5);
  return {
    what: `${count} × skipped step: ${3 * count + 1} nodes (${rounds} runs)`,
    found:
      `best ${ms(best)}, p50 ${ms(p50)}, ${Math.round((3 * count + 1) / (best / 1_000))} nodes/s; ` +
      `lists meanwhile within ${ms(slowestMs)}`,
    ...(argoMs === undefined
      ? { argo: { text: 'fails: object over 3 MB', ratio: Number.POSITIVE_INFINITY } }
      : { argo: besideArgo(argoMs, p50, `${argoMs / 1_000} s`) }),
    ...(goal === undefined ? {} : { goal }),
  };
}

/** How often a list is asked for while something large is measured. */
const LIST_INTERVAL_MS = 50;

/** Asks for lists all the time; `stop` gives the longest time that one took. */
function watchLists({ connection }: BenchInstallation): { stop(): Promise<number> } {
  let isStopped = false;
  let slowestMs = 0;
  const asking = (async () => {
    while (!isStopped) {
      const beganMs = performance.now();
      await connection.workflows.listWorkflows({ limit: 10 }, { deadlineMs: 120_000 });
      slowestMs = Math.max(slowestMs, performance.now() - beganMs);
      await delay(LIST_INTERVAL_MS);
    }
  })();
  return {
    async stop() {
      isStopped = true;
      await asking;
      return slowestMs;
    },
  };
}

/** Many workflows at once, each with nodes and none with a task. */
export async function manyAtOnce(installation: BenchInstallation): Promise<Row> {
  const count = 1_000;
  // The entrypoint, two groups, two times a node with its group and its skipped step, and one more skipped step: 10.
  const never = { name: 'never', template: 'leaf', when: 'false' };
  const each = { name: 'each', template: 'skip', withSequence: { count: '2' } };
  const templates = [
    { name: 'main', steps: [[each], [never]] },
    { name: 'skip', steps: [[never]] },
    TRUE,
  ];
  const spec = { entrypoint: 'main', templates };
  const beganMs = performance.now();
  await Promise.all(Array.from({ length: count }, () => runOnce(installation, spec)));
  const seconds = (performance.now() - beganMs) / 1_000;
  return {
    what: `${count} workflows of 10 nodes, submitted at once`,
    found: `${seconds.toFixed(2)} s, ${Math.round(count / seconds)} workflows/s`,
    goal: 'all complete',
  };
}

/** Most posts under way at once. */
const CONNECTIONS = 64;

export async function webhookPosts({ connection }: BenchInstallation): Promise<Row> {
  const port = await freePort();
  const eventSource = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'EventSource',
    metadata: { name: 'bench' },
    spec: { webhook: { post: { port: String(port), endpoint: '/post', method: 'POST' } } },
  };
  const manifests = encoder.encode(JSON.stringify(eventSource));
  await connection.resources.applyResources({ manifests });
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  await eventually(async () => (await post(agent, port)) === 200);
  const count = 5_000;
  const times: number[] = [];
  let next = 0;
  const beganMs = performance.now();
  const worker = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      const sentMs = performance.now();
      if ((await post(agent, port)) !== 200) throw new Error('a post was not stored');
      times.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  const seconds = (performance.now() - beganMs) / 1_000;
  agent.destroy();
  times.sort((left, right) => left - right);
  return {
    what: `webhook posts stored (${count}, ${CONNECTIONS} connections, sender on the same machine)`,
    found: `${Math.round(count / seconds)}/s, p99 ${ms(quantile(times, 0.99))}`,
  };
}

function post(agent: Agent, port: number): Promise<number> {
  const body = JSON.stringify({ number: 1, text: 'x'.repeat(200) });
  return new Promise((resolve, reject) => {
    const call = request(
      {
        agent,
        port,
        host: '127.0.0.1',
        path: '/post',
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': body.length },
      },
      (response) => {
        response.resume();
        response.once('end', () => {
          resolve(response.statusCode ?? 0);
        });
      },
    );
    call.once('error', reject);
    call.end(body);
  });
}

/** Wait until a tree that was just started is at rest. */
const REST_MS = 5_000;

export async function memoryAtRest({ pid }: BenchInstallation): Promise<Row> {
  await delay(REST_MS);
  const megabytes = residentBytes(pid) / 1e6;
  return {
    what: 'memory at rest of the whole tree, nats-server included',
    found: `${megabytes.toFixed(0)} MB`,
    goal: '≤ 250 MB',
  };
}

export function startTime({ startMs }: BenchInstallation): Row {
  return { what: 'argosy up, until every service is ready', found: ms(startMs) };
}
