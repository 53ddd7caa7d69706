// Covers declaring streams on a real nats-server: creation, repetition, changes that are safe and
// changes that are refused. Leaves out clusters (replicas above 1 need one).
import { startTestNats } from '@argosy/testkit';
import type { TestNats } from '@argosy/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topology } from '../topology.ts';
import { connectBus } from './nats-bus.ts';
import type { NatsBus } from './nats-bus.ts';

const DAY_MS = 86_400_000;

describe('applyTopology', () => {
  let nats: TestNats;
  let bus: NatsBus;
  beforeAll(async () => {
    nats = await startTestNats();
    bus = await connectBus({ url: nats.url, token: nats.token, name: 'topology' });
  });
  afterAll(async () => {
    await bus[Symbol.asyncDispose]();
    await nats.stop();
  });

  it('creates every stream once, also when two do it at the same time', async () => {
    const other = await connectBus({ url: nats.url, token: nats.token, name: 'other' });
    const reports = await Promise.all([bus.applyTopology(), other.applyTopology()]);
    const names = topology().map((declaration) => declaration.name);
    const touched = reports.flatMap((report) => [...report.created, ...report.unchanged]);
    expect(touched.toSorted()).toEqual([...names, ...names].toSorted());
    await other[Symbol.asyncDispose]();
  });

  it('changes nothing when it is applied again', async () => {
    const report = await bus.applyTopology();
    expect([report.created, report.changed]).toEqual([[], []]);
    expect(report.unchanged).toHaveLength(topology().length);
  });

  it('changes a limit that grows', async () => {
    const report = await bus.applyTopology({ eventsMaxAgeMs: 30 * DAY_MS });
    expect(report.changed).toEqual(['EVENTS']);
  });

  it('refuses a limit that shrinks, and says which and what to do', async () => {
    await expect(bus.applyTopology({ eventsMaxAgeMs: DAY_MS })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringMatching(/EVENTS: max_age .* could lose messages.*nats stream edit/s),
    });
    const report = await bus.applyTopology({ eventsMaxAgeMs: 30 * DAY_MS });
    expect(report.changed).toEqual([]);
  });

  it('refuses a limit where there was none', async () => {
    await expect(
      bus.applyTopology({ eventsMaxAgeMs: 30 * DAY_MS, factsMaxAgeMs: DAY_MS }),
    ).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
  });

  it('says that the server does not have enough members for more replicas', async () => {
    const options = { eventsMaxAgeMs: 30 * DAY_MS, replicas: 3 };
    await expect(bus.applyTopology(options)).rejects.toThrow(/replicas/);
  });
});
