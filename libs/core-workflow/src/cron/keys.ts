import { sha256, utf8Bytes } from '@argosy/lang';
import type { ObjectMeta } from '@argosy/model';

/** Labels and annotations by which Argo's tools know a CronWorkflow and what it started. */
export const CRON_LABEL = 'workflows.argoproj.io/cron-workflow';
export const CRON_COMPLETED_LABEL = 'cronworkflows.argoproj.io/completed';
export const LAST_USED_SCHEDULE = 'cronworkflows.argoproj.io/last-used-schedule';
export const SCHEDULED_TIME = 'workflows.argoproj.io/scheduled-time';

/** What the server keeps in the metadata of a CronWorkflow, beside what people write there. */
export const CRON_SERVER_PREFIX = 'cronworkflows.argoproj.io/';

const SECOND_MS = 1_000;

/** `<cron>-<seconds since 1970>`: one name per instant, so that an instant is submitted once. */
export function childName(cronName: string, instantMs: number): string {
  return `${cronName}-${Math.floor(instantMs / SECOND_MS)}`;
}

/** The instant in a child's name, milliseconds; undefined for a run that no schedule named. */
export function instantOfChild(cronName: string, name: string): number | undefined {
  if (!name.startsWith(`${cronName}-`)) return undefined;
  const seconds = name.slice(cronName.length + 1);
  return /^\d{1,12}$/.test(seconds) ? Number(seconds) * SECOND_MS : undefined;
}

/**
 * The uid of the run of an instant: a UUID (version 8) made of the CronWorkflow's own uid and the instant. Whoever
 * submits the instant names the same run, and the second command for a uid changes nothing.
 */
export function childUid(cron: ObjectMeta, instantMs: number): string {
  const { uid = '', namespace = '', name = '' } = cron;
  const bytes = sha256(utf8Bytes(`cron\n${uid}\n${namespace}\n${name}\n${instantMs}`));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const last = hex.slice(20, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${last}`;
}
