import { createHash } from 'node:crypto';
import { ArgosyError } from '@argosy/base';
import { calendarEventData, missedOccurrencesMs } from '@argosy/core-events';
import { pause } from '@argosy/shell';
import type { Driver, DriverContext, DriverHealth, RunningDriver } from '../driver.ts';
import { parseCalendarSettings, type CalendarEvent } from './settings.ts';
import { upcomingSlotMs } from './slots.ts';

/** Longest single wait; the clock is looked at again after it. */
const WAIT_MS_MAX = 60 * 60_000;
/** Wait before an event that the bus did not store is tried again: doubles from the first to the second. */
const STORE_RETRY_MS_MIN = 200;
const STORE_RETRY_MS_MAX = 10_000;

/** Events at set times. The slot's instant is in the event's id, so that a slot is stored once. */
export function createCalendarDriver(clock: () => number = Date.now): Driver {
  return {
    kind: 'calendar',
    runsOn: 'OneReplica',
    problems(settings) {
      const parsed = parseCalendarSettings(settings);
      return parsed.ok ? [] : [parsed.error];
    },
    async start(settings, context) {
      const parsed = parseCalendarSettings(settings);
      if (!parsed.ok) throw new ArgosyError('INVALID_ARGUMENT', parsed.error);
      return startCalendar({ event: parsed.value, context, clock });
    },
  };
}

interface Calendar {
  readonly event: CalendarEvent;
  readonly context: DriverContext;
  readonly clock: () => number;
}

async function startCalendar(calendar: Calendar): Promise<RunningDriver> {
  const { context, clock } = calendar;
  const { plan } = calendar.event;
  const stopping = new AbortController();
  let health: DriverHealth = { kind: 'Healthy' };
  const lastMs = await loadLastMs(context);

  /** Stores one slot, however long the bus is away. */
  async function fire(slotMs: number): Promise<void> {
    let waitMs = STORE_RETRY_MS_MIN;
    while (!stopping.signal.aborted) {
      try {
        await emitSlot(calendar, slotMs, stopping.signal);
        if (health.kind === 'Failing') setHealth({ kind: 'Healthy' });
        return;
      } catch (error) {
        if (stopping.signal.aborted) return;
        const reason = `an event is not stored: ${ArgosyError.fromUnknown(error).message}`;
        if (health.kind === 'Healthy') setHealth({ kind: 'Failing', reason });
      }
      await pause(waitMs, stopping.signal);
      waitMs = Math.min(waitMs * 2, STORE_RETRY_MS_MAX);
    }
  }
  function setHealth(next: DriverHealth): void {
    health = next;
    context.healthChanged();
  }

  async function run(): Promise<void> {
    const startMs = clock();
    let doneMs = lastMs ?? startMs;
    // So that an interval longer than the life of a process still comes to its end.
    if (lastMs === undefined) await saveFirst(context, startMs);
    for (const slotMs of lastMs === undefined ? [] : missedOccurrencesMs(plan, lastMs, startMs)) {
      await fire(slotMs);
      doneMs = slotMs;
    }
    // What was missed and not made up for is skipped; an interval goes on in its old rhythm.
    if (plan.rule.kind === 'Cron') doneMs = Math.max(doneMs, startMs);
    while (!stopping.signal.aborted) {
      const slotMs = upcomingSlotMs(plan, doneMs, clock());
      if (slotMs === undefined) {
        setHealth({ kind: 'Failing', reason: 'the schedule has no time in the coming years' });
        return;
      }
      const leftMs = slotMs - clock();
      if (leftMs > 0) {
        await pause(Math.min(leftMs, WAIT_MS_MAX), stopping.signal);
        continue;
      }
      await fire(slotMs);
      doneMs = slotMs;
    }
  }

  const running = run();
  return {
    health: () => health,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function emitSlot(calendar: Calendar, slotMs: number, signal: AbortSignal): Promise<void> {
  const { context, event } = calendar;
  const data = calendarEventData(event.plan, slotMs, event.metadata);
  await context.emit(
    {
      id: slotId(context, slotMs),
      timeMs: slotMs,
      data: new TextEncoder().encode(data),
    },
    signal,
  );
  await saveLastMs(context, slotMs);
}

function saveLastMs(context: DriverContext, lastMs: number): Promise<void> {
  return context.checkpoint.save(new TextEncoder().encode(JSON.stringify({ lastMs })));
}

/** The first checkpoint is a nicety; without it the rhythm starts anew with the process. */
async function saveFirst(context: DriverContext, startMs: number): Promise<void> {
  try {
    await saveLastMs(context, startMs);
  } catch (error) {
    const reason = ArgosyError.fromUnknown(error).message;
    context.logger.warn({ reason }, 'the first checkpoint was not saved');
  }
}

function slotId(context: DriverContext, slotMs: number): string {
  const parts = [context.namespace, context.eventSource, context.eventName, slotMs];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

async function loadLastMs(context: DriverContext): Promise<number | undefined> {
  const stored = await context.checkpoint.load();
  if (stored === undefined) return undefined;
  const { lastMs } = JSON.parse(new TextDecoder().decode(stored)) as { lastMs?: unknown };
  return typeof lastMs === 'number' ? lastMs : undefined;
}
