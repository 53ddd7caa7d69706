import type { WatchWorkflowResponse } from '@argosy/api';
import type { Workflow } from '@argosy/model';
import { parseJsonBytes } from '../view/output.ts';

/**
 * The run after an update of a watch: the update itself, or, when that is a change, what was known before with the
 * changed nodes put in. Nodes stay in the order of their creation.
 */
export function updatedWorkflow(
  before: Workflow | undefined,
  update: Pick<WatchWorkflowResponse, 'workflow' | 'isChange' | 'removedNodeIds'>,
): Workflow {
  const now = parseJsonBytes<Workflow>(update.workflow?.workflowJson ?? new Uint8Array());
  if (!update.isChange || before === undefined) return now;
  const nodes = { ...before.status?.nodes, ...now.status?.nodes };
  for (const id of update.removedNodeIds) Reflect.deleteProperty(nodes, id);
  const { storedTemplates, storedWorkflowTemplateSpec } = before.status ?? {};
  const status = {
    ...(storedTemplates === undefined ? {} : { storedTemplates }),
    ...(storedWorkflowTemplateSpec === undefined ? {} : { storedWorkflowTemplateSpec }),
    ...now.status,
    nodes,
  };
  return { ...before, ...now, status };
}
