// Measures a scheduler that is started on live runs: from the start of its process until it has carried out a command for
// the first run, and for every run. A real nats-server with file storage; what is suspended needs no executor.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  commandSubject,
  decodeCommandReply,
  encodeCommand,
  EVENT_TYPES,
  STREAMS,
  type RunCommand,
} from '@argosy/api';
import { partitionOf } from '@argosy/base';
import { connectBus, type Bus } from '@argosy/bus';
import { eventually, freePort, startTestNats } from '@argosy/testkit';
import type { Table } from './table.ts';

const PARTITIONS = 4;
const MAIN = join(import.meta.dirname, '..', '..', 'services', 'scheduler', 'src', 'main.ts');
/** Longest wait for anything here. */
const WAIT_MS = 120_000;
const ROUNDS = 3;

interface Shape {
  readonly runs: number;
  readonly nodes: number;
}

/** 100,000 live nodes each. */
const SHAPES: readonly Shape[] = [
  { runs: 1, nodes: 100_000 },
  { runs: 100, nodes: 1_000 },
  { runs: 1_000, nodes: 100 },
];

const GOAL = '≤ 2 s';

/** One row for each shape, with snapshots and without. */
export async function measureRestart(wanted: string): Promise<Table> {
  const rows: string[][] = [];
  for (const shape of SHAPES) {
    const what = `${shape.runs} × ${shape.nodes} live nodes`;
    if (!what.includes(wanted)) continue;
    process.stderr.write(`restart with ${what} …\n`);
    rows.push(...(await measureShape(shape, what)));
  }
  return {
    title: 'A scheduler that is started again',
    head: [
      'live',
      'from',
      'first command',
      'every run',
      'processor time',
      'history a node',
      'goal',
    ],
    rows,
  };
}

async function measureShape(shape: Shape, what: string): Promise<readonly string[][]> {
  await using nats = await startTestNats();
  await using bus = await connectBus({ url: nats.url, token: nats.token, name: 'bench' });
  await bus.applyTopology();
  const uids = Array.from({ length: shape.runs }, () => randomUUID());
  const first = await startProcess(nats);
  await Promise.all(uids.map((uid, index) => submit(bus, uid, { shape, index })));
  const history = `${Math.round((await historyBytes(bus)) / (shape.runs * shape.nodes))} bytes`;
  if (shape.nodes >= 10_000) await snapshotsTaken(bus, uids);
  await first.stop();

  const rows: string[][] = [];
  for (const from of ['snapshots, and facts after them', 'facts alone']) {
    if (from === 'facts alone') await bus.purge(STREAMS.snapshots, 'snapshot.>');
    else if (shape.nodes < 10_000) continue;
    const found: Times[] = [];
    for (let round = 0; round < ROUNDS; round += 1) found.push(await restart(nats, bus, uids));
    const best = (of: (times: Times) => number): string => `${Math.min(...found.map(of))} ms`;
    const { firstMs, allMs, processorMs } = BEST;
    rows.push([what, from, best(firstMs), best(allMs), best(processorMs), history, GOAL]);
  }
  return rows;
}

interface Times {
  readonly firstMs: number;
  readonly allMs: number;
  /** What the process used until then: says more than the clock on a machine that is busy with other things. */
  readonly processorMs: number;
}

const BEST = {
  firstMs: (times: Times) => times.firstMs,
  allMs: (times: Times) => times.allMs,
  processorMs: (times: Times) => times.processorMs,
};

async function restart(nats: NatsAddress, bus: Bus, uids: readonly string[]): Promise<Times> {
  const beganMs = performance.now();
  const since = (): number => Math.round(performance.now() - beganMs);
  const starting = startProcess(nats);
  let firstMs = Number.POSITIVE_INFINITY;
  await Promise.all(
    uids.map(async (uid) => {
      // Suspending a run that is suspended changes nothing, but has to be decided on its state.
      await ask(bus, uid, `control-${randomUUID()}`, {
        kind: 'Control',
        uid,
        command: { kind: 'Suspend' },
      });
      firstMs = Math.min(firstMs, since());
    }),
  );
  const allMs = since();
  const started = await starting;
  const processorMs = started.processorMs();
  await started.stop();
  return { firstMs, allMs, processorMs };
}

interface NatsAddress {
  readonly url: string;
  readonly token: string;
}

interface SchedulerProcess {
  /** Time of the processor so far, in the program and in the system; Linux only. */
  processorMs(): number;
  stop(): Promise<void>;
}

/** How Linux counts: fields 14 and 15 of /proc/<pid>/stat, in hundredths of a second. */
const TICK_MS = 10;

/** A scheduler as a process; the promise resolves at once, for it is its work that is waited for. */
async function startProcess(nats: NatsAddress): Promise<SchedulerProcess> {
  const child: ChildProcess = spawn(
    process.execPath,
    [...(process.env['BENCH_NODE_OPTIONS']?.split(' ') ?? []), MAIN],
    {
      env: {
        ...process.env,
        ARGOSY_NATS_URL: nats.url,
        ARGOSY_NATS_TOKEN: nats.token,
        ARGOSY_PARTITIONS: String(PARTITIONS),
        ARGOSY_RPC_HOST: '127.0.0.1',
        ARGOSY_HEALTH_HOST: '127.0.0.1',
        ARGOSY_HEALTH_PORT: String(await freePort()),
        ARGOSY_LOG_LEVEL: process.env['ARGOSY_LOG_LEVEL'] ?? 'error',
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  const gone = new Promise((resolve) => child.once('exit', resolve));
  return {
    processorMs() {
      const stat = readFileSync(`/proc/${child.pid ?? 0}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    },
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** A run whose nodes are all suspended: they live until somebody resumes them. */
async function submit(
  bus: Bus,
  uid: string,
  { shape, index }: { readonly shape: Shape; readonly index: number },
): Promise<void> {
  const each = { name: 'each', template: 'wait', withSequence: { count: String(shape.nodes) } };
  const templates = [
    { name: 'main', steps: [[each]] },
    { name: 'wait', suspend: {} },
  ];
  const workflow = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name: `live-${index}`, namespace: 'default' },
    spec: { entrypoint: 'main', templates },
  };
  const names = { uid, namespace: 'default', name: `live-${index}` };
  const workflowJson = JSON.stringify(workflow);
  await ask(bus, uid, 'submit', { kind: 'Submit', submit: { ...names, workflowJson } });
}

async function ask(bus: Bus, uid: string, what: string, command: RunCommand): Promise<void> {
  const event = {
    id: `${uid}-${what}`,
    source: '/bench',
    type: EVENT_TYPES.workflowControl,
    data: encodeCommand(command),
  };
  const subject = commandSubject(partitionOf(uid, PARTITIONS), uid, what);
  const reply = await bus.publishForReply({ subject, event }, { timeoutMs: WAIT_MS });
  const { accepted, code, message } = decodeCommandReply(reply.event.data);
  if (!accepted) throw new Error(`${what} of ${uid}: ${code}: ${message}`);
}

/** What FACTS holds, without headers. */
async function historyBytes(bus: Bus): Promise<number> {
  let bytes = 0;
  for await (const { event } of bus.read(STREAMS.facts, 'fact.>')) bytes += event.data.length;
  return bytes;
}

function snapshotsTaken(bus: Bus, uids: readonly string[]): Promise<void> {
  return eventually(
    async () => {
      const found = new Set<string | undefined>();
      for await (const { subject } of bus.read(STREAMS.snapshots, 'snapshot.>')) {
        found.add(subject.split('.')[3]);
      }
      if (found.size < uids.length) throw new Error(`${found.size} of ${uids.length} snapshots`);
    },
    { timeoutMs: WAIT_MS, intervalMs: 500 },
  );
}
