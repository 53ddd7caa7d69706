import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { STREAMS, decodeCommand } from '@argosy/api';
import { connectBus, type NatsBus } from '@argosy/bus';
import { eventually } from '@argosy/testkit';
import type { Installation } from '../../e2e/support/installation.ts';
import { milliseconds, quantile } from '../figures.ts';
import type { EventRow } from './index.ts';
import { applyAll, openWebhook } from './posting.ts';

const ROUNDS = 60;
const WARM_UP_ROUNDS = 10;
/** Each task has a /tmp of its own; this one they share with us. */
const SHARED_DIRECTORY = '/var/tmp';
const WITHIN = { timeoutMs: 30_000, intervalMs: 2 };

/** The moments on the way of one post, Unix milliseconds. */
interface Passage {
  readonly postedMs: number;
  readonly answeredMs: number;
  readonly submittedMs: number;
  /** When the executor began to start the task. */
  readonly claimedMs: number;
  /** The task's own clock, at its first instruction. */
  readonly runningMs: number;
}

/** What was stored last of each kind, and when. */
interface Seen {
  submittedMs: number;
  claimedMs: number;
}

/** Posts one by one, each of which submits a workflow of one task: from the post until the task runs. */
export async function measureFirstTask(installation: Installation): Promise<readonly EventRow[]> {
  const directory = await mkdtemp(join(SHARED_DIRECTORY, 'argosy-bench-'));
  const { url, token } = installation.nats;
  await using bus = await connectBus({ url, token, name: 'bench' });
  using webhook = await openWebhook(installation, 'bench-task', 1);
  await applyAll(installation, [sensor(directory)]);
  const stopping = new AbortController();
  try {
    const seen = followCommands(bus, stopping.signal);
    // The first posts find no sensor yet.
    await eventually(async () => {
      await webhook.post('{"name":"first"}');
      return (await clockOf(directory, 'first')) !== undefined;
    }, WITHIN);
    const passages: Passage[] = [];
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
      const passage = await postOne({ directory, seen, post: webhook.post }, `round-${round}`);
      if (round >= WARM_UP_ROUNDS) passages.push(passage);
    }
    return rowsOf(passages);
  } finally {
    stopping.abort();
    await rm(directory, { recursive: true });
  }
}

/** The workflow's only task writes its clock into a file that bears the name in the post. */
function sensor(directory: string): object {
  const script = `date +%s%N > ${directory}/{{inputs.parameters.name}}`;
  const leaf = {
    name: 'leaf',
    inputs: { parameters: [{ name: 'name' }] },
    container: { image: 'busybox', command: ['sh', '-c'], args: [script] },
  };
  const resource = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { generateName: 'bench-' },
    spec: {
      entrypoint: 'leaf',
      arguments: { parameters: [{ name: 'name', value: 'none' }] },
      templates: [leaf],
    },
  };
  const parameter = {
    src: { dependencyName: 'post', dataKey: 'body.name', value: 'none' },
    dest: 'spec.arguments.parameters.0.value',
  };
  const argoWorkflow = { operation: 'submit', source: { resource }, parameters: [parameter] };
  const dependency = { name: 'post', eventSourceName: 'bench-task', eventName: 'post' };
  const triggers = [{ template: { name: 'run', argoWorkflow } }];
  const metadata = { name: 'bench-task' };
  return { kind: 'Sensor', metadata, spec: { dependencies: [dependency], triggers } };
}

function followCommands(bus: NatsBus, signal: AbortSignal): Seen {
  const seen: Seen = { submittedMs: 0, claimedMs: 0 };
  const follow = async (): Promise<void> => {
    const options = { follow: true, onlyNew: true, signal };
    for await (const message of bus.read(STREAMS.commands, 'cmd.>', options)) {
      const command = decodeCommand(message.event.data);
      if (command?.kind === 'Submit') seen.submittedMs = message.storedAtMs;
      if (command?.kind !== 'Report' || command.report.kind !== 'Finished') continue;
      seen.claimedMs = command.report.startedAtMs ?? 0;
    }
  };
  void follow().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return seen;
}

async function postOne(
  on: {
    readonly directory: string;
    readonly seen: Seen;
    readonly post: (body: string) => Promise<number>;
  },
  name: string,
): Promise<Passage> {
  const postedMs = nowMs();
  if ((await on.post(JSON.stringify({ name }))) !== 200) throw new Error('the post was not stored');
  const answeredMs = nowMs();
  const runningMs = await eventually(async () => {
    const clockMs = await clockOf(on.directory, name);
    if (clockMs === undefined) throw new Error(`the task of ${name} has not run`);
    return clockMs;
  }, WITHIN);
  await eventually(() => on.seen.claimedMs >= Math.floor(postedMs), WITHIN);
  const { submittedMs, claimedMs } = on.seen;
  return { postedMs, answeredMs, submittedMs, claimedMs, runningMs };
}

/** The clock that a task has written, Unix milliseconds; undefined while it has not. */
async function clockOf(directory: string, name: string): Promise<number | undefined> {
  const text = await readFile(join(directory, name), 'utf8').catch(() => '');
  return text.endsWith('\n') ? Number(text) / 1e6 : undefined;
}

const nowMs = (): number => performance.timeOrigin + performance.now();

function rowsOf(passages: readonly Passage[]): readonly EventRow[] {
  const quantiles = (durationOf: (passage: Passage) => number): string => {
    const sorted = passages.map(durationOf).sort((left, right) => left - right);
    return `p50 ${milliseconds(quantile(sorted, 0.5))}, p99 ${milliseconds(quantile(sorted, 0.99))}`;
  };
  return [
    {
      what: `post → the task of its workflow runs (${ROUNDS} posts, one after the other)`,
      found: quantiles(({ postedMs, runningMs }) => runningMs - postedMs),
      argo: 'the pod alone takes about 3 s',
      goal: 'p50 ≤ 20 ms',
    },
    {
      what: '  of that: until the post is answered, that is stored',
      found: quantiles(({ postedMs, answeredMs }) => answeredMs - postedMs),
    },
    {
      what: '  until the workflow is submitted by the sensor',
      found: quantiles(({ postedMs, submittedMs }) => submittedMs - postedMs),
    },
    {
      what: '  until the executor starts the task',
      found: quantiles(({ postedMs, claimedMs }) => claimedMs - postedMs),
    },
  ];
}
