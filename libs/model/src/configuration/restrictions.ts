import type { Problem } from '../problem.ts';
import type { Workflow, WorkflowSpec } from '../types/workflow.ts';
import type { TemplateReferencing } from './controller-config.ts';

/**
 * Fields that whoever submits a workflow may set where only templates may be run: none of them
 * changes what is run, or with which rights.
 */
const ALLOWED_FIELDS: ReadonlySet<string> = new Set<keyof WorkflowSpec>([
  'workflowTemplateRef',
  'arguments',
  'entrypoint',
  'shutdown',
  'suspend',
  'activeDeadlineSeconds',
  'priority',
  'ttlStrategy',
  'podGC',
  'volumeClaimGC',
  'archiveLogs',
  'workflowMetadata',
  'metrics',
  'artifactGC',
]);

/**
 * What `workflowRestrictions.templateReferencing` has against a workflow. Both modes ask for a
 * `workflowTemplateRef` and refuse what could undo the template's own settings; that the template
 * may not change under a run (`Secure`) holds here in any case, because a run keeps a copy of it.
 */
export function restrictionProblems(
  workflow: Workflow,
  mode: TemplateReferencing | undefined,
): readonly Problem[] {
  if (mode === undefined) return [];
  const { spec } = workflow;
  if (spec.workflowTemplateRef === undefined) {
    const message =
      'workflows must use workflowTemplateRef to be executed when the controller is in ' +
      'reference mode';
    return [{ path: 'spec', message, severity: 'error' }];
  }
  const refused = Object.entries(spec)
    .filter(([field, value]) => value !== undefined && !ALLOWED_FIELDS.has(field))
    .map(([field]) => `spec.${field}`);
  const patch = (spec.artifactGC as { readonly podSpecPatch?: unknown } | undefined)?.podSpecPatch;
  if (patch !== undefined && patch !== '') refused.push('spec.artifactGC.podSpecPatch');
  return refused.map((path) => ({
    path,
    message:
      `${path.slice('spec.'.length)} is not permitted when using workflowTemplateRef with ` +
      'templateReferencing restriction: remove it, or set it in the template',
    severity: 'error',
  }));
}
