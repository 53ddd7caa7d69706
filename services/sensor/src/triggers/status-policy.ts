import { isRecord, type TriggerOutcome } from './trigger.ts';

/** The statuses that `policy.status.allow` lists; undefined when it lists none. */
export function allowedStatuses(policy: unknown): ReadonlySet<number> | undefined {
  const byStatus = isRecord(policy) ? policy['status'] : undefined;
  const allowed = isRecord(byStatus) ? byStatus['allow'] : undefined;
  if (!Array.isArray(allowed) || allowed.length === 0) return undefined;
  return new Set(allowed.map(Number));
}

/** Whether an attempt worked: any status is good unless `policy.status.allow` lists the good ones. */
export function judgedByStatus(status: number, policy: unknown): TriggerOutcome {
  if (allowedStatuses(policy)?.has(status) !== false) return { kind: 'Done' };
  return {
    kind: 'Failed',
    reason: `the answer was ${status}, which policy.status.allow does not list`,
  };
}
