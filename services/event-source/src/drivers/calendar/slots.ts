import { nextOccurrenceMs, type CalendarPlan } from '@argosy/core-events';

/** A slot that is late by less, because storing the one before took long, is not skipped. */
const LATE_MS_MAX = 60_000;

/** The slot to wait for when `lastMs` was the one before; those that are long past are skipped. */
export function upcomingSlotMs(
  plan: CalendarPlan,
  lastMs: number,
  nowMs: number,
): number | undefined {
  const slotMs = nextOccurrenceMs(plan, lastMs);
  if (slotMs === undefined || slotMs >= nowMs - LATE_MS_MAX) return slotMs;
  return nextOccurrenceMs(plan, nowMs);
}
