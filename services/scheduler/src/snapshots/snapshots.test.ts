// Covers when snapshots are taken and removed, that a run is loaded from the newest one with the facts after it, and what
// becomes of snapshots that are spoilt, of another version, or left over from a deleted run. On the bus in memory. Leaves
// out what a state holds (libs/core-workflow).
import { factSubject, snapshotSubject, STREAMS } from '@argosy/api';
import { partitionOf } from '@argosy/base';
import { createMemoryBus, type Bus, type StoredMessage } from '@argosy/bus';
import {
  renderWorkflow,
  snapshotText,
  step,
  takeOwed,
  type Input,
  type State,
} from '@argosy/core-workflow';
import { headerOf, leafOf, workflowOf } from '@argosy/core-workflow/testing';
import type { Logger } from '@argosy/telemetry';
import { eventually } from '@argosy/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKeyedQueue } from '../keyed-queue.ts';
import { createRunCache } from '../run-cache.ts';
import { createRunLog, type LoadedRun, type RunLog } from '../run-log.ts';
import { createSnapshotStore, type SnapshotStore } from './snapshot-store.ts';
import { createSnapshotter, type Snapshotter } from './snapshotter.ts';

const PARTITIONS = 2;
const each = { name: 'each', template: 'leaf', withSequence: { count: '5' } };
const run = headerOf(workflowOf([{ name: 'main', steps: [[each as never]] }, leafOf('leaf')]));
const { uid } = run;

let bus: Bus;
let warnings: string[];
let store: SnapshotStore;
let log: RunLog;

beforeEach(() => {
  bus = createMemoryBus();
  warnings = [];
  const warn = (_fields: unknown, text: string): void => void warnings.push(text);
  const silent = (): void => undefined;
  const logger = { warn, debug: silent, info: silent, error: silent } as unknown as Logger;
  store = createSnapshotStore(bus, PARTITIONS, logger);
  log = createRunLog(bus, PARTITIONS, store);
});

/** Decides an input and appends what follows; gives the tasks that are to be run. */
async function go(loaded: LoadedRun, input: Input): Promise<readonly string[]> {
  const decided = step(loaded.state, input);
  if (!decided.ok) throw new Error(decided.error.message);
  loaded.state = decided.value.state;
  const effects = takeOwed(loaded.state);
  await log.append(uid, loaded, decided.value.facts);
  return effects.flatMap((effect) => (effect.kind === 'RunTask' ? [effect.task.taskId] : []));
}

async function begun(): Promise<{ loaded: LoadedRun; tasks: readonly string[] }> {
  const loaded = await log.load(uid);
  const tasks = await go(loaded, { kind: 'Submit', at: run.createdAtMs, run });
  return { loaded, tasks };
}

function finish(loaded: LoadedRun, taskId: string): Promise<readonly string[]> {
  const report = { taskId, kind: 'Finished', phase: 'Succeeded' } as const;
  return go(loaded, { kind: 'ReportTask', at: run.createdAtMs + 1, report });
}

function keep(loaded: LoadedRun): Promise<number> {
  const { state, sequence, traceparent } = loaded;
  return store.save({ uid, sequence, traceparent, text: textOf(state) });
}

async function kept(): Promise<readonly StoredMessage[]> {
  const all = snapshotSubject(partitionOf(uid, PARTITIONS), uid);
  const messages: StoredMessage[] = [];
  for await (const message of bus.read(STREAMS.snapshots, all)) messages.push(message);
  return messages;
}

/** What is loaded without any snapshot. */
const folded = async (): Promise<LoadedRun> => createRunLog(bus, PARTITIONS).load(uid);

const shown = ({ state }: LoadedRun): unknown => renderWorkflow(state);

/** A history of another run under this uid: what is loaded from it cannot come from a snapshot. */
async function removeFacts(): Promise<void> {
  await bus.purge(STREAMS.facts, factSubject(partitionOf(uid, PARTITIONS), uid));
}

describe('a run', () => {
  it('is loaded from its newest snapshot and the facts after it, and is the fold of all facts', async () => {
    const { loaded, tasks } = await begun();
    await keep(loaded);
    await finish(loaded, tasks[0] ?? '');
    await keep(loaded);
    await finish(loaded, tasks[1] ?? '');

    const again = await log.load(uid);

    expect(again.snapshotBytes).toBeGreaterThan(0);
    expect(again.tailBytes).toBeLessThan(100);
    expect(again.sequence).toBe(loaded.sequence);
    expect(shown(again)).toEqual(shown(await folded()));
    expect(await kept()).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  it('is loaded in the same way when no fact came after its snapshot', async () => {
    const { loaded } = await begun();
    await keep(loaded);
    const again = await log.load(uid);
    expect(again).toMatchObject({ sequence: loaded.sequence, tailBytes: 0 });
    expect(shown(again)).toEqual(shown(await folded()));
  });

  it('that was deleted does not come back to life by a snapshot', async () => {
    const { loaded } = await begun();
    await keep(loaded);
    await removeFacts();
    expect(await log.load(uid)).toMatchObject({ sequence: 0, snapshotBytes: 0 });
  });
});

describe('a snapshot', () => {
  const spoil = async (change: (message: StoredMessage) => Partial<StoredMessage['event']>) => {
    const [message] = await kept();
    if (message === undefined) throw new Error('nothing was kept');
    const { subject, event } = message;
    await bus.purge(STREAMS.snapshots, subject);
    await bus.publish({ subject, event: { ...event, ...change(message), id: 'spoilt' } });
  };

  it.each<readonly [string, (message: StoredMessage) => Partial<StoredMessage['event']>]>([
    [
      'with a changed byte',
      ({ event }) => ({ data: event.data.with(5, 1 + (event.data[5] ?? 0)) }),
    ],
    ['that was cut', ({ event }) => ({ data: event.data.slice(0, 20) })],
    ['with a piece missing', ({ event }) => ({ extensions: { ...event.extensions, pieces: '2' } })],
  ])('%s is ignored with a warning, and the facts are folded', async (_what, change) => {
    const { loaded, tasks } = await begun();
    await keep(loaded);
    await finish(loaded, tasks[0] ?? '');
    await spoil(change);

    const again = await log.load(uid);

    expect(again.snapshotBytes).toBe(0);
    expect(shown(again)).toEqual(shown(await folded()));
    expect(warnings).toEqual(['a snapshot is not used']);
  });

  it('of another version is ignored with a warning, and an older usable one is taken', async () => {
    const { loaded, tasks } = await begun();
    const older = loaded.sequence;
    const text = textOf(loaded.state);
    await finish(loaded, tasks[0] ?? '');
    const foreign = JSON.stringify({ form: 1, state: {} });
    await store.save({ uid, sequence: loaded.sequence, traceparent: undefined, text: foreign });
    await store.save({ uid, sequence: older, traceparent: undefined, text });

    const again = await log.load(uid);

    expect(again.snapshotBytes).toBeGreaterThan(0);
    expect(shown(again)).toEqual(shown(await folded()));
    expect(warnings).toEqual(['a snapshot is not used']);
  });

  it('of a stale owner does not hide the newer one', async () => {
    const { loaded, tasks } = await begun();
    const stale = { uid, sequence: loaded.sequence, traceparent: undefined };
    const text = textOf(loaded.state);
    await finish(loaded, tasks[0] ?? '');
    await keep(loaded);
    await store.save({ ...stale, text });
    const again = await log.load(uid);
    expect(again.tailBytes).toBe(0);
    expect(shown(again)).toEqual(shown(await folded()));
  });
});

describe('the snapshotter', () => {
  let snapshotter: Snapshotter;
  const cache = createRunCache(PARTITIONS);

  beforeEach(() => {
    const silent = { warn: () => undefined, debug: () => undefined } as unknown as Logger;
    const queue = createKeyedQueue();
    const options = { store, cache, queue, logger: silent, delayMs: 1, tailBytesMin: 100 };
    snapshotter = createSnapshotter(options);
  });
  afterEach(() => snapshotter.stop());

  it('takes one when enough facts came, the next when as many came again, and removes it at the end', async () => {
    const { loaded, tasks } = await begun();
    cache.put(uid, loaded);
    snapshotter.look(uid, loaded);
    await eventually(() => {
      expect(loaded.snapshotBytes).toBeGreaterThan(0);
    });
    expect(loaded.tailBytes).toBe(0);
    expect((await log.load(uid)).snapshotBytes).toBe(loaded.snapshotBytes);

    for (const task of tasks) await finish(loaded, task);
    cache.put(uid, loaded);
    snapshotter.look(uid, loaded);

    await eventually(async () => {
      expect(await kept()).toEqual([]);
    });
    expect(loaded.state.phase).toBe('Succeeded');
  });

  it('takes none of a run that has few new facts, or that is gone', async () => {
    const { loaded } = await begun();
    loaded.snapshotBytes = loaded.tailBytes + 1;
    cache.put(uid, loaded);
    snapshotter.look(uid, loaded);
    cache.drop(uid);
    loaded.snapshotBytes = 0;
    snapshotter.look(uid, loaded);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await kept()).toEqual([]);
  });
});

function textOf(state: State): string {
  return [...snapshotText(state)].join('');
}
