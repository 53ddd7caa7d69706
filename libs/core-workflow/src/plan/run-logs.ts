import type { Template } from '@argosy/model';
import type { RunHeader } from '../input.ts';

/** The template with the run's `archiveLogs`, where it says nothing of its own and has a log to keep. */
export function withRunLogs(template: Template, { spec }: RunHeader): Template {
  const { container, script, containerSet, archiveLocation } = template;
  const hasLog = container !== undefined || script !== undefined || containerSet !== undefined;
  if (spec.archiveLogs === undefined || !hasLog) return template;
  if (archiveLocation?.archiveLogs !== undefined) return template;
  return { ...template, archiveLocation: { ...archiveLocation, archiveLogs: spec.archiveLogs } };
}
