// Covers the calendar driver against a clock that stands still or runs, without the service around it: slots,
// catch-up, exclusions, the event's data and id, a bus that is away. Leaves out the
// calendar's own rules (libs/core-events).
import { ArgosyError, unwrap } from '@argosy/base';
import { createLogger } from '@argosy/telemetry';
import { eventually } from '@argosy/testkit';
import { describe, expect, test } from 'vitest';
import type { DriverContext, EventToEmit } from '../driver.ts';
import { createCalendarDriver } from './driver.ts';
import { parseCalendarSettings, type CalendarEvent } from './settings.ts';
import { upcomingSlotMs } from './slots.ts';

function planOf(value: object): CalendarEvent['plan'] {
  return unwrap(parseCalendarSettings(value)).plan;
}

function problemOf(value: object): string {
  const parsed = parseCalendarSettings(value);
  return parsed.ok ? '' : parsed.error;
}

const at = (text: string): number => Date.parse(text);
const textOf = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

describe('source calendar, against a clock of the test', () => {
  test('settings that are wrong are told by field', () => {
    expect(problemOf({})).toContain('either schedule or interval');
    expect(problemOf({ schedule: '* * *' })).toContain('failed to parse schedule');
    expect(problemOf({ schedule: 5 })).toContain('schedule must be text');
    expect(problemOf({ interval: 'soon' })).toContain('failed to parse interval');
    expect(problemOf({ interval: '1ms' })).toContain('at least 100ms');
    expect(problemOf({ interval: '1s', timezone: 'Mars/Base' })).toContain('Mars/Base');
    expect(problemOf({ interval: '1s', exclusionDates: ['EXDATE:soon'] })).toContain('soon');
  });

  test('a slot that is a little late is not skipped, one that is long past is', () => {
    const plan = planOf({ interval: '10s' });
    const last = at('2026-03-02T10:00:00Z');
    expect(upcomingSlotMs(plan, last, last + 30_000)).toBe(last + 10_000);
    expect(upcomingSlotMs(plan, last, last + 300_000)).toBe(last + 310_000);
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
        refused: () => undefined,
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
    expect(recorded.emitted.slice(0, 2).map(({ timeMs }) => (timeMs ?? 0) - now)).toEqual([
      50, 250,
    ]);
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
});
