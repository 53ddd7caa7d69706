import { err, ok, type Result } from '@argosy/base';
import { calendarPlan, type CalendarPlan, type CalendarSettings } from '@argosy/core-events';

/** The settings of one calendar event, checked. */
export interface CalendarEvent {
  readonly plan: CalendarPlan;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** Shorter intervals would only keep the bus busy. */
const INTERVAL_MS_MIN = 100;

/** Reads `spec.calendar.<event>`; the error is a sentence that names the field. */
export function parseCalendarSettings(value: unknown): Result<CalendarEvent, string> {
  const shape = shapeProblem(value);
  if (shape !== undefined) return err(shape);
  const settings = value as CalendarSettings;
  const plan = calendarPlan(settings);
  if (!plan.ok) return plan;
  const { rule } = plan.value;
  if (rule.kind === 'Interval' && rule.intervalMs < INTERVAL_MS_MIN) {
    return err(`interval must be at least ${INTERVAL_MS_MIN}ms`);
  }
  return ok({ plan: plan.value, metadata: settings.metadata });
}

/** The fields' types, which the rules take for granted. */
function shapeProblem(value: unknown): string | undefined {
  if (!isRecord(value)) return 'the settings must be a map';
  for (const field of ['schedule', 'interval', 'timezone']) {
    const text = value[field];
    if (text !== undefined && typeof text !== 'string') return `${field} must be text`;
  }
  const { exclusionDates, metadata, persistence } = value;
  if (exclusionDates !== undefined && !isTextList(exclusionDates)) {
    return 'exclusionDates must be a list of texts';
  }
  if (metadata !== undefined && !isRecord(metadata)) return 'metadata must be a map';
  if (persistence !== undefined && !isRecord(persistence)) return 'persistence must be a map';
  return undefined;
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
