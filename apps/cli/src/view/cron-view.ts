import { timeText } from '@argosy/base';
import { nextInstant, timetableOf } from '@argosy/core-workflow';
import type { CronWorkflow } from '@argosy/model';
import { humanDuration } from './duration.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

/** Columns of a list of CronWorkflows after the name. */
export const cronColumns = [
  'AGE',
  'LAST RUN',
  'NEXT RUN',
  'SCHEDULES',
  'TIMEZONE',
  'SUSPENDED',
] as const;

/** How many runs to come are shown. */
const NEXT_RUNS = 3;

/** One line of a list. */
export function cronRow(cron: CronWorkflow, nowMs: number): readonly string[] {
  const { metadata, spec, status } = cron;
  const [next] = nextRuns(cron, nowMs, 1);
  return [
    since(metadata.creationTimestamp, nowMs),
    since(status?.lastScheduledTime, nowMs),
    next === undefined ? 'N/A' : humanDuration(next - nowMs),
    (spec.schedules ?? []).join(','),
    spec.timezone ?? '',
    status?.phase === 'Stopped' ? 'stopped' : String(spec.suspend ?? false),
  ];
}

/** Everything `argosy cron get` shows. */
export function cronView(
  cron: CronWorkflow,
  { nowMs, style }: { readonly nowMs: number; readonly style: Style },
): string {
  const { metadata, spec, status = {} } = cron;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Name:', style.bold(metadata.name ?? '')],
    ['Namespace:', metadata.namespace],
    ['Created:', ago(metadata.creationTimestamp, nowMs)],
    ...(spec.schedules ?? []).map((schedule): [string, string] => ['Schedule:', schedule]),
    ['Timezone:', spec.timezone],
    ['When:', spec.when],
    ['Suspended:', String(spec.suspend ?? false)],
    ['ConcurrencyPolicy:', spec.concurrencyPolicy || 'Allow'],
    ['StartingDeadlineSeconds:', spec.startingDeadlineSeconds?.toString()],
    ['StopStrategy:', spec.stopStrategy?.expression],
    ['Phase:', status.phase],
    ['Succeeded:', status.succeeded?.toString()],
    ['Failed:', status.failed?.toString()],
    ['LastScheduledTime:', ago(status.lastScheduledTime, nowMs)],
    ...nextRuns(cron, nowMs, NEXT_RUNS).map((atMs): [string, string] => [
      'NextScheduledTime:',
      `${timeText(atMs)} (in ${humanDuration(atMs - nowMs)})`,
    ]),
    ['Active:', (status.active ?? []).map(({ name }) => name).join(', ')],
    ...(status.conditions ?? []).map(({ type, message }): [string, string] => [
      `${type}:`,
      style.phase('Failed', message ?? ''),
    ]),
  ];
  return table(rows.flatMap(([label, value]) => (value ? [[label, value]] : [])));
}

/** The next instants, milliseconds; none when nothing will be started. */
function nextRuns(cron: CronWorkflow, nowMs: number, count: number): readonly number[] {
  if (cron.spec.suspend === true || cron.status?.phase === 'Stopped') return [];
  // The scheduler reads schedules without a zone in its own, which on one machine is ours.
  const timetable = timetableOf(cron, Intl.DateTimeFormat().resolvedOptions().timeZone);
  if (!timetable.ok) return [];
  const instants: number[] = [];
  let at: number | undefined = nowMs;
  while (at !== undefined && instants.length < count) {
    at = nextInstant(timetable.value, at);
    if (at !== undefined) instants.push(at);
  }
  return instants;
}

function since(text: string | null | undefined, nowMs: number): string {
  const atMs = Date.parse(text ?? '');
  return Number.isNaN(atMs) ? 'N/A' : humanDuration(nowMs - atMs);
}

function ago(text: string | null | undefined, nowMs: number): string | undefined {
  return text ? `${text} (${since(text, nowMs)} ago)` : undefined;
}
