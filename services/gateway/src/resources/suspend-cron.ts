import { resumedCron } from '@argosy/core-workflow';
import type { Registry, StoredResource } from './registry.ts';

/**
 * Suspends or resumes the schedules of a CronWorkflow.
 * @throws ArgosyError NOT_FOUND
 */
export function suspendCron(
  registry: Registry,
  name: { readonly namespace: string; readonly name: string },
  isSuspended: boolean,
): Promise<StoredResource> {
  return registry.change({ kind: 'CronWorkflow', ...name }, (cron) =>
    isSuspended ? { ...cron, spec: { ...cron.spec, suspend: true } } : resumedCron(cron),
  );
}
