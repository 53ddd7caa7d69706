// Covers the calendar through the whole service on the bus in memory: one replica of two emits, and another
// takes over with the rhythm of the first. Leaves out the driver's own rules (drivers/calendar).
import { createMemoryBus } from '@argosy/bus';
import { eventually } from '@argosy/testkit';
import { expect, test } from 'vitest';
import { dataOf, startHarness } from './testing/harness.ts';

test('of two replicas one emits each slot, and the other goes on when it stops', async () => {
  const bus = createMemoryBus();
  const first = await startHarness({ bus });
  await first.apply('EventSource', 'clock', {
    spec: { calendar: { tick: { interval: '200ms', metadata: { team: 'x' } } } },
  });
  await eventually(async () => (await first.events()).length >= 2);
  await using second = await startHarness({ bus, replicaId: 'replica-2' });
  const before = (await second.events()).length;
  await eventually(async () => (await second.events()).length >= before + 2);
  await first.service.stop(1_000);
  const taken = (await second.events()).length;
  await eventually(async () => (await second.events()).length >= taken + 2);
  const events = await second.events();
  expect(events[0]?.event).toMatchObject({ source: 'clock', type: 'calendar', subject: 'tick' });
  expect(dataOf(events[0])['metadata']).toEqual({ team: 'x' });
  const times = events.map(({ event }) => Date.parse(event.time ?? ''));
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(new Set(gaps)).toEqual(new Set([200]));
});
