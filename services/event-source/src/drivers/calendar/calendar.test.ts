// Covers the calendar driver against a clock that stands still or runs, without the service around it: slots,
// catch-up, exclusions, the event's data and id, a bus that is away. Leaves out cron's own rules (libs/lang).
import { ArgosyError } from '@argosy/base';
import { createLogger } from '@argosy/telemetry';
import { eventually } from '@argosy/testkit';
import { expect, test } from 'vitest';
import type { DriverContext, EventToEmit } from '../driver.ts';
import { createCalendarDriver } from './driver.ts';
import { goTimeText } from './event-time.ts';
import { missedSlots, nextSlotMs, upcomingSlotMs } from './plan.ts';
import { parseCalendarSettings, type CalendarSettings } from './settings.ts';

function settingsOf(value: object): CalendarSettings {
  const parsed = parseCalendarSettings(value);
  if (parsed.kind === 'Invalid') throw new Error(parsed.problems.join('; '));
  return parsed.settings;
}

function problemsOf(value: object): readonly string[] {
  const parsed = parseCalendarSettings(value);
  return parsed.kind === 'Invalid' ? parsed.problems : [];
}

const at = (text: string): number => Date.parse(text);
const textOf = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

test('a schedule wins over an interval and is read in its time zone', () => {
  const both = settingsOf({ schedule: '0 12 * * *', interval: '5s' });
  expect(textOf(nextSlotMs(both, at('2026-03-02T10:00:00Z')))).toBe('2026-03-02T12:00:00.000Z');
  const zoned = settingsOf({ schedule: '30 9 * * *', timezone: 'America/New_York' });
  expect(textOf(nextSlotMs(zoned, at('2026-03-02T10:00:00Z')))).toBe('2026-03-02T14:30:00.000Z');
});

test('settings that are wrong are told by field', () => {
  expect(problemsOf({})[0]).toContain('either schedule or interval must be set');
  expect(problemsOf({ schedule: '* * *' })[0]).toContain('failed to parse schedule "* * *"');
  expect(problemsOf({ interval: 'soon' })[0]).toContain('failed to parse interval "soon"');
  expect(problemsOf({ interval: '1s', timezone: 'Mars/Base' })[0]).toContain('Mars/Base');
  expect(problemsOf({ interval: '1s', exclusionDates: ['EXDATE:soon'] })[0]).toContain('soon');
});

test('nothing fires on an excluded date, which is compared in the time zone by date alone', () => {
  const settings = settingsOf({
    schedule: '0 23 * * *',
    timezone: 'America/New_York',
    exclusionDates: ['EXDATE:20260302T150405Z,20260303T000000Z', '20260304T150405Z'],
  });
  // 23:00 on 1 March in New York is 4:00 on 2 March in UTC.
  expect(textOf(nextSlotMs(settings, at('2026-03-01T12:00:00Z')))).toBe('2026-03-02T04:00:00.000Z');
  expect(textOf(nextSlotMs(settings, at('2026-03-02T12:00:00Z')))).toBe('2026-03-05T04:00:00.000Z');
});

test('missed slots are made up for only with catch-up, no further back than its maximum', () => {
  const last = at('2026-03-02T10:00:00Z');
  const now = at('2026-03-02T10:10:30Z');
  const schedule = '*/2 * * * *';
  expect(missedSlots(settingsOf({ schedule }), last, now)).toEqual([]);
  const persistence = { catchup: { enabled: true, maxDuration: '5m' } };
  expect(missedSlots(settingsOf({ schedule, persistence }), last, now).map(textOf)).toEqual([
    '2026-03-02T10:06:00.000Z',
    '2026-03-02T10:08:00.000Z',
    '2026-03-02T10:10:00.000Z',
  ]);
  const unbounded = settingsOf({ schedule, persistence: { catchup: { enabled: true } } });
  expect(missedSlots(unbounded, last, now).length).toBe(5);
});

test('a slot that is a little late is not skipped, one that is long past is', () => {
  const settings = settingsOf({ interval: '10s' });
  const last = at('2026-03-02T10:00:00Z');
  expect(upcomingSlotMs(settings, last, last + 30_000)).toBe(last + 10_000);
  expect(upcomingSlotMs(settings, last, last + 300_000)).toBe(last + 310_000);
});

test.each([
  ['UTC', '2026-03-02T09:30:00Z', '2026-03-02 09:30:00 +0000 UTC'],
  ['America/New_York', '2026-03-02T14:30:00Z', '2026-03-02 09:30:00 -0500 EST'],
  ['America/New_York', '2026-07-02T14:30:00.5Z', '2026-07-02 10:30:00.5 -0400 EDT'],
  ['Europe/Paris', '2026-07-02T14:30:00Z', '2026-07-02 16:30:00 +0200 CEST'],
])('an instant in %s is written as Go writes it', (zone, instant, text) => {
  expect(goTimeText(at(instant), zone)).toBe(text);
});

interface Recorded {
  readonly context: DriverContext;
  readonly emitted: EventToEmit[];
  checkpoint: number | undefined;
  isBusAway: boolean;
}

function recorder(checkpoint?: number): Recorded {
  const recorded: Recorded = {
    emitted: [],
    checkpoint,
    isBusAway: false,
    context: {
      namespace: 'default',
      eventSource: 'clock',
      eventName: 'tick',
      emit(event) {
        if (recorded.isBusAway) return Promise.reject(new ArgosyError('UNAVAILABLE', 'away'));
        recorded.emitted.push(event);
        return Promise.resolve({ kind: 'Stored', duplicate: false });
      },
      checkpoint: {
        load: () =>
          Promise.resolve(
            recorded.checkpoint === undefined
              ? undefined
              : new TextEncoder().encode(JSON.stringify({ lastMs: recorded.checkpoint })),
          ),
        save(value) {
          const { lastMs } = JSON.parse(new TextDecoder().decode(value)) as { lastMs: number };
          recorded.checkpoint = lastMs;
          return Promise.resolve();
        },
      },
      secret: () => undefined,
      healthChanged: () => undefined,
      logger: createLogger({ name: 'test', level: 'silent' }),
    },
  };
  return recorded;
}

test('a started calendar makes up for missed slots with stable ids, then waits for the next', async () => {
  const now = at('2026-03-02T10:05:30Z');
  const settings = {
    schedule: '* * * * *',
    metadata: { team: 'x' },
    persistence: { catchup: { enabled: true, maxDuration: '2m' } },
  };
  const first = recorder(at('2026-03-02T10:00:00Z'));
  const running = await createCalendarDriver(() => now).start(settings, first.context);
  await eventually(() => first.emitted.length === 2);
  await running.stop();
  expect(first.emitted.map(({ timeMs }) => textOf(timeMs))).toEqual([
    '2026-03-02T10:04:00.000Z',
    '2026-03-02T10:05:00.000Z',
  ]);
  expect(JSON.parse(new TextDecoder().decode(first.emitted[0]?.data))).toEqual({
    eventTime: '2026-03-02 10:04:00 +0000 UTC',
    metadata: { team: 'x' },
  });
  expect(first.emitted[0]?.id).toMatch(/^[0-9a-f]{32}$/);
  expect(textOf(first.checkpoint)).toBe('2026-03-02T10:05:00.000Z');
  const again = recorder(at('2026-03-02T10:04:00Z'));
  const second = await createCalendarDriver(() => now).start(settings, again.context);
  await eventually(() => again.emitted.length === 1);
  await second.stop();
  expect(again.emitted[0]?.id).toBe(first.emitted[1]?.id);
});

test('an interval goes on in the rhythm of its checkpoint', async () => {
  const now = Date.now();
  const recorded = recorder(now - 150);
  const running = await createCalendarDriver().start({ interval: '200ms' }, recorded.context);
  await eventually(() => recorded.emitted.length === 2);
  await running.stop();
  expect(recorded.emitted.slice(0, 2).map(({ timeMs }) => (timeMs ?? 0) - now)).toEqual([50, 250]);
});

test('a slot that the bus does not take is kept until it does, and the health says so', async () => {
  const recorded = recorder(Date.now() - 100);
  recorded.isBusAway = true;
  const running = await createCalendarDriver().start({ interval: '100ms' }, recorded.context);
  await eventually(() => running.health().kind === 'Failing');
  recorded.isBusAway = false;
  await eventually(() => recorded.emitted.length >= 3);
  await running.stop();
  const times = recorded.emitted.map(({ timeMs }) => timeMs ?? 0);
  expect(times[1]).toBe((times[0] ?? 0) + 100);
  expect(running.health()).toEqual({ kind: 'Healthy' });
});
