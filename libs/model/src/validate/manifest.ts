import { assertNever } from '@argosy/base';
import type { ParsedManifest } from '../parse/manifests.ts';
import { parsePath, type Problem } from '../problem.ts';
import type { Manifest } from '../types/manifest.ts';
import type { ValidateOptions } from './context.ts';
import { validateCronWorkflow } from './cron-workflow.ts';
import { validateWorkflowEventBinding } from './event-binding.ts';
import { validateWorkflow, validateWorkflowTemplate } from './workflow.ts';

/**
 * Everything that is wrong with a manifest of Argo Workflows; of other kinds nothing is known
 * here.
 */
export function validateManifest(
  manifest: Manifest,
  options: ValidateOptions = {},
): readonly Problem[] {
  switch (manifest.kind) {
    case 'Workflow':
      return validateWorkflow(manifest, options);
    case 'WorkflowTemplate':
    case 'ClusterWorkflowTemplate':
      return validateWorkflowTemplate(manifest, options);
    case 'CronWorkflow':
      return validateCronWorkflow(manifest, options);
    case 'WorkflowEventBinding':
      return validateWorkflowEventBinding(manifest, options);
    case 'ConfigMap':
    case 'Secret':
    case 'EventSource':
    case 'Sensor':
    case 'EventBus':
      return [];
    default:
      return assertNever(manifest);
  }
}

/** The same with file, line and column of each problem. */
export function validateParsed(
  parsed: ParsedManifest,
  options: ValidateOptions = {},
): readonly Problem[] {
  return locateProblems(validateManifest(parsed.manifest, options), parsed);
}

/** Adds to problems where in the text of their manifest they stand. */
export function locateProblems(
  problems: readonly Problem[],
  parsed: ParsedManifest,
): readonly Problem[] {
  const file = parsed.file === undefined ? {} : { file: parsed.file };
  return problems.map((problem) => ({
    ...problem,
    ...file,
    ...parsed.locate(parsePath(problem.path)),
  }));
}
