import { nextFireMs } from '@argosy/lang';
import type { CalendarSettings, Rhythm } from './settings.ts';

/** Most slots that are made up for at one start. */
export const CATCH_UP_SLOTS_MAX = 1_000;
/** Excluded slots that are passed over in search of the next one. */
const EXCLUDED_SLOTS_MAX = 100_000;
/** A slot that is late by less, because storing the one before took long, is not skipped. */
const LATE_MS_MAX = 60_000;

/** The slots after `lastMs` that were missed until `nowMs` and are to be made up for, oldest first. */
export function missedSlots(
  settings: CalendarSettings,
  lastMs: number,
  nowMs: number,
): readonly number[] {
  if (settings.catchUpMs === undefined) return [];
  const slots: number[] = [];
  let slotMs = nextSlotMs(settings, Math.max(lastMs, nowMs - settings.catchUpMs));
  while (slotMs !== undefined && slotMs <= nowMs && slots.length < CATCH_UP_SLOTS_MAX) {
    slots.push(slotMs);
    slotMs = nextSlotMs(settings, slotMs);
  }
  return slots;
}

/** The slot to wait for when `lastMs` was the one before; those that are long past are skipped. */
export function upcomingSlotMs(
  settings: CalendarSettings,
  lastMs: number,
  nowMs: number,
): number | undefined {
  const slotMs = nextSlotMs(settings, lastMs);
  if (slotMs === undefined || slotMs >= nowMs - LATE_MS_MAX) return slotMs;
  return nextSlotMs(settings, nowMs);
}

/** The first slot after an instant that is not on an excluded date. */
export function nextSlotMs(settings: CalendarSettings, afterMs: number): number | undefined {
  let slotMs = nextOf(settings.rhythm, afterMs);
  for (let passed = 0; passed < EXCLUDED_SLOTS_MAX && slotMs !== undefined; passed += 1) {
    if (!settings.excludedDates.has(localDate(slotMs, settings.rhythm.timeZone))) return slotMs;
    slotMs = nextOf(settings.rhythm, slotMs);
  }
  return undefined;
}

/** Intervals count from the slot before; schedules are read off the calendar. */
function nextOf(rhythm: Rhythm, afterMs: number): number | undefined {
  if (rhythm.kind === 'Interval') return afterMs + rhythm.intervalMs;
  return nextFireMs(rhythm.schedule, afterMs, rhythm.timeZone);
}

function localDate(atMs: number, timeZone: string): string {
  // The Swedish locale writes dates as YYYY-MM-DD.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(atMs);
}
