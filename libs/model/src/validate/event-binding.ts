import { compileExpr } from '@argosy/lang';
import { DEFAULT_NAMESPACE } from '../defaults/template-lookup.ts';
import type { Problem } from '../problem.ts';
import type { WorkflowEventBinding } from '../types/event-binding.ts';
import { createReporter, type Site, type ValidateOptions } from './context.ts';

/** Everything that is wrong with a WorkflowEventBinding. */
export function validateWorkflowEventBinding(
  binding: WorkflowEventBinding,
  options: ValidateOptions = {},
): readonly Problem[] {
  const problems: Problem[] = [];
  const reporter = createReporter(problems);
  const site: Site = { path: ['spec'], trail: '', isOwn: true };
  const selector = binding.spec.event?.selector ?? '';
  if (selector === '') {
    reporter.report(site, 'spec.event.selector is required: "true" selects every event', 'event');
  } else {
    const program = compileExpr(selector);
    if (!program.ok) {
      const message = `spec.event.selector: ${program.error.message}`;
      reporter.report(site, message, 'event', 'selector');
    }
  }
  const reference = binding.spec.submit?.workflowTemplateRef;
  if (binding.spec.submit !== undefined && (reference?.name ?? '') === '') {
    reporter.report(site, 'spec.submit.workflowTemplateRef.name is required', 'submit');
  }
  const { lookup } = options;
  if (reference?.name !== undefined && lookup !== undefined) {
    const namespace = binding.metadata.namespace ?? DEFAULT_NAMESPACE;
    const found =
      reference.clusterScope === true
        ? lookup.clusterWorkflowTemplate(reference.name)
        : lookup.workflowTemplate(namespace, reference.name);
    // It may be applied later, before the first event.
    if (found === undefined) {
      const message = `WorkflowTemplate "${reference.name}" is not there (yet)`;
      reporter.warn(site, message, 'submit', 'workflowTemplateRef', 'name');
    }
  }
  return problems;
}
