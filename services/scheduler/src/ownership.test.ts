// Covers how replicas share partitions on the in-memory bus. Leaves out the death of a process (test/e2e).
import { createMemoryBus, type Bus } from '@argosy/bus';
import { announcePresence } from '@argosy/shell';
import { createLogger } from '@argosy/telemetry';
import { eventually } from '@argosy/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepOwnership, presenceKey, type Ownership } from './ownership.ts';

const PARTITIONS = 4;
const logger = createLogger({ level: 'silent' });

let bus: Bus;
let stops: (() => Promise<void>)[];
/** Partition → replicas that work on it now. */
let workers: Map<number, Set<string>>;

interface Replica {
  readonly ownership: Ownership;
  stop(): Promise<void>;
}

async function start(replicaId: string): Promise<Replica> {
  const presence = await announcePresence({ bus, key: presenceKey(replicaId), value: {}, logger });
  const ownership = await keepOwnership({
    bus,
    partitions: PARTITIONS,
    replicaId,
    logger,
    leaseTtlMs: 2_000,
    work: async (partition, signal) => {
      const here = workers.get(partition) ?? new Set();
      workers.set(partition, here);
      here.add(replicaId);
      expect(here.size).toBe(1);
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
        if (signal.aborted) resolve(undefined);
      });
      here.delete(replicaId);
    },
  });
  const stop = async (): Promise<void> => {
    await presence.stop();
    await ownership.stop();
  };
  stops.push(stop);
  return { ownership, stop };
}

beforeEach(() => {
  bus = createMemoryBus();
  stops = [];
  workers = new Map();
});

afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()));
  await bus[Symbol.asyncDispose]();
});

describe('the partitions', () => {
  it('all belong to a replica that is alone', async () => {
    const { ownership } = await start('a');
    expect(ownership.owned()).toEqual([0, 1, 2, 3]);
  });

  it('are shared fairly with a replica that comes, each having one owner at a time', async () => {
    const a = await start('a');
    const b = await start('b');
    await eventually(() => a.ownership.owned().length === 2 && b.ownership.owned().length === 2);
    const all = [...a.ownership.owned(), ...b.ownership.owned()].sort((x, y) => x - y);
    expect(all).toEqual([0, 1, 2, 3]);
  });

  it('of a replica that goes are taken over by the others', async () => {
    const a = await start('a');
    const b = await start('b');
    await eventually(() => b.ownership.owned().length === 2);
    await b.stop();
    await eventually(() => a.ownership.owned().length === PARTITIONS);
  });
});
