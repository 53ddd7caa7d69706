// Covers when calendars fire, what they skip and make up for, and their data. Leaves out cron itself.
import { describe, expect, it } from 'vitest';
import { unwrap } from '@argosy/base';
import {
  calendarEventData,
  calendarPlan,
  missedOccurrencesMs,
  nextOccurrenceMs,
  parseEventTime,
  type CalendarSettings,
} from './calendar.ts';

const at = (text: string): number => Date.parse(text);
const plan = (settings: CalendarSettings) => unwrap(calendarPlan(settings));

describe('calendars', () => {
  it('fire by schedule in their zone, which wins over interval', () => {
    const settings = { schedule: '30 9 * * *', interval: '5s', timezone: 'America/New_York' };
    expect(nextOccurrenceMs(plan(settings), at('2026-03-02T10:00:00Z'))).toBe(
      at('2026-03-02T14:30:00Z'),
    );
  });
  it('fire by interval', () => {
    expect(nextOccurrenceMs(plan({ interval: '90s' }), 1_000)).toBe(91_000);
  });
  it.each([
    ['neither schedule nor interval', {}],
    ['a descriptor', { schedule: '@daily' }],
    ['a field for seconds', { schedule: '0 0 12 * * *' }],
    ['an interval of nothing', { interval: '0s' }],
    ['an unknown zone', { interval: '1s', timezone: 'No/Where' }],
    ['an unreadable exclusion', { interval: '1s', exclusionDates: ['EXDATE:nope'] }],
  ])('refuse %s (rule 55)', (_, settings) => {
    expect(calendarPlan(settings).ok).toBe(false);
  });
  it('skip excluded dates whatever the time of day (rule 55)', () => {
    const settings = { schedule: '0 12 * * *', exclusionDates: ['EXDATE:20260303T000000Z', 'x'] };
    expect(nextOccurrenceMs(plan(settings), at('2026-03-02T13:00:00Z'))).toBe(
      at('2026-03-04T12:00:00Z'),
    );
  });
  it('never fire when every time is excluded', () => {
    const settings = { schedule: '0 0 1 1 *', exclusionDates: ['EXDATE:20270101'] };
    expect(nextOccurrenceMs(plan(settings), at('2026-03-02T13:00:00Z'))).toBe(
      at('2028-01-01T00:00:00Z'),
    );
  });
});

describe('catching up', () => {
  const settings = (catchup: object): CalendarSettings => ({
    schedule: '0 * * * *',
    persistence: { catchup },
  });
  const [last, now] = [at('2026-03-02T07:30:00Z'), at('2026-03-02T10:00:00Z')];
  const hours = (catchup: object): readonly number[] =>
    missedOccurrencesMs(plan(settings(catchup)), last, now).map((ms) => new Date(ms).getUTCHours());

  it('skips the past when it is not enabled (rule 55)', () => {
    expect(hours({ enabled: false })).toEqual([]);
  });
  it('gives the missed times up to now, oldest first', () => {
    expect(hours({ enabled: true })).toEqual([8, 9, 10]);
  });
  it('goes back only so far as its duration allows', () => {
    expect(hours({ enabled: true, maxDuration: '90m' })).toEqual([9, 10]);
  });
});

describe('the data of a calendar event', () => {
  it("has the time in Go's form, which can be read back (rule 55)", () => {
    const paris = plan({ interval: '1s', timezone: 'Europe/Paris' });
    const text = calendarEventData(paris, at('2026-07-01T10:00:00.500Z'), { a: 'b' });
    expect(text).toBe('{"eventTime":"2026-07-01 12:00:00.5 +0200 CEST","metadata":{"a":"b"}}');
    expect(unwrap(parseEventTime('2026-07-01 12:00:00.5 +0200 CEST'))).toBe(
      at('2026-07-01T10:00:00.500Z'),
    );
    expect(unwrap(parseEventTime('2026-07-01 10:00:00 +0000 UTC m=+12.34'))).toBe(
      at('2026-07-01T10:00:00Z'),
    );
  });
});
