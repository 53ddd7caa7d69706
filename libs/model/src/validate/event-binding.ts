import { compileExpr } from '@argosy/lang';
import { DEFAULT_NAMESPACE } from '../defaults/template-lookup.ts';
import type { Problem } from '../problem.ts';
import type { WorkflowEventBinding } from '../types/event-binding.ts';
import { createReporter, type Site, type ValidateOptions, type Validation } from './context.ts';

/** Everything that is wrong with a WorkflowEventBinding. */
export function validateWorkflowEventBinding(
  binding: WorkflowEventBinding,
  options: ValidateOptions = {},
): readonly Problem[] {
  const problems: Problem[] = [];
  const reporter = createReporter(problems);
  const site: Site = { path: ['spec'], trail: '', isOwn: true };
  checkSelector(reporter, site, binding);
  checkTemplate(reporter, site, binding, options);
  return problems;
}

type Reporter = Pick<Validation, 'report' | 'warn'>;

function checkSelector(reporter: Reporter, site: Site, binding: WorkflowEventBinding): void {
  const selector = binding.spec.event?.selector ?? '';
  if (selector === '') {
    reporter.report(site, 'spec.event.selector is required: "true" selects every event', 'event');
    return;
  }
  const program = compileExpr(selector);
  if (program.ok) return;
  reporter.report(site, `spec.event.selector: ${program.error.message}`, 'event', 'selector');
}

function checkTemplate(
  reporter: Reporter,
  site: Site,
  binding: WorkflowEventBinding,
  options: ValidateOptions,
): void {
  if (binding.spec.submit === undefined) return;
  const { name = '', clusterScope = false } = binding.spec.submit.workflowTemplateRef ?? {};
  if (name === '') {
    reporter.report(site, 'spec.submit.workflowTemplateRef.name is required', 'submit');
    return;
  }
  const { lookup } = options;
  if (lookup === undefined) return;
  const namespace = binding.metadata.namespace ?? DEFAULT_NAMESPACE;
  const found = clusterScope
    ? lookup.clusterWorkflowTemplate(name)
    : lookup.workflowTemplate(namespace, name);
  if (found !== undefined) return;
  // It may be applied later, before the first event.
  const path = ['submit', 'workflowTemplateRef', 'name'];
  reporter.warn(site, `WorkflowTemplate "${name}" is not there (yet)`, ...path);
}
