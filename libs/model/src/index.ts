export type * from './types/artifact.ts';
export type * from './types/config.ts';
export type * from './types/control.ts';
export type * from './types/cron-workflow.ts';
export type * from './types/event-binding.ts';
export type * from './types/events.ts';
export type * from './types/json.ts';
export type * from './types/kubernetes.ts';
export type * from './types/manifest.ts';
export type * from './types/parameter.ts';
export type * from './types/status.ts';
export type * from './types/template.ts';
export type * from './types/workflow.ts';
export {
  referencedTemplates,
  REFERENCED_TEMPLATES_MAX,
  type TemplateReference,
} from './defaults/references.ts';
export { storedTemplateKey } from './defaults/spec-walk.ts';
export type { StoredTemplates } from './defaults/stored-templates.ts';
export { strategicMerge } from './defaults/strategic-merge.ts';
export { applyTemplateDefaults } from './defaults/template-defaults.ts';
export {
  createTemplateLookup,
  DEFAULT_NAMESPACE,
  type TemplateLookup,
} from './defaults/template-lookup.ts';
export {
  resolveWorkflowSpec,
  type ResolvedWorkflow,
  type WorkflowDefaults,
} from './defaults/workflow-spec.ts';
export {
  isManifestKind,
  parseManifests,
  type ParsedManifest,
  type ParsedManifests,
  type ParseOptions,
} from './parse/manifests.ts';
export {
  ALIAS_VALUES_MAX,
  MANIFEST_DEPTH_MAX,
  MANIFEST_LENGTH_MAX,
  PROBLEMS_MAX,
} from './parse/limits.ts';
export {
  formatPath,
  formatProblem,
  hasErrors,
  parsePath,
  type FieldPath,
  type Position,
  type Problem,
} from './problem.ts';
export { kindOf, kindsOf, TEMPLATE_KINDS } from './template-kinds.ts';
export {
  CRON_WORKFLOW_NAME_LENGTH_MAX,
  dnsLabelProblem,
  dnsSubdomainProblem,
  generateName,
  labelKeyProblem,
  labelValueProblem,
  nameSuffix,
  NAME_SUFFIX_ALPHABET,
  NAME_SUFFIX_LENGTH,
  WORKFLOW_NAME_LENGTH_MAX,
} from './kubernetes-names.ts';
export type { ValidateOptions } from './validate/context.ts';
export { validateCronWorkflow } from './validate/cron-workflow.ts';
export { dependsTerms, TASK_RESULTS, type DependsTerm } from './validate/depends.ts';
export { validateWorkflowEventBinding } from './validate/event-binding.ts';
export { locateProblems, validateManifest, validateParsed } from './validate/manifest.ts';
export { validateWorkflow, validateWorkflowTemplate } from './validate/workflow.ts';
export { convertManifests, type ConvertedText } from './convert/manifests.ts';
export { applySubmitOptions, type SubmitOptions } from './defaults/submission.ts';
