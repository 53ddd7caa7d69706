import { createTemplateLookup, DEFAULT_NAMESPACE } from '../defaults/template-lookup.ts';
import { joinSpecs, templateSpec, withTemplateDefaults } from '../defaults/workflow-spec.ts';
import { WORKFLOW_NAME_LENGTH_MAX } from '../kubernetes-names.ts';
import type { FieldPath, Problem } from '../problem.ts';
import type { ObjectMeta } from '../types/kubernetes.ts';
import type { Arguments } from '../types/parameter.ts';
import type {
  ClusterWorkflowTemplate,
  Workflow,
  WorkflowSpec,
  WorkflowTemplate,
} from '../types/workflow.ts';
import { checkArguments } from './arguments.ts';
import {
  below,
  createReporter,
  type CallCheck,
  type Home,
  type HomeTemplate,
  type Site,
  type ValidateOptions,
  type Validation,
} from './context.ts';
import { checkNames, stepNameProblem } from './field-names.ts';
import { addGlobalVariables, addExitVariables } from './global-variables.ts';
import { checkHooks } from './hooks.ts';
import { addGlobalOutputs } from './outputs.ts';
import { createScope } from './scope.ts';
import { checkSpecFields } from './spec-rules.ts';
import { checkCall } from './template.ts';

/** A spec to be validated, wherever in a manifest it stands. */
export interface SpecSubject {
  readonly metadata: ObjectMeta;
  readonly spec: WorkflowSpec;
  /** Where the spec stands: `['spec']`, or `['spec', 'workflowSpec']`. */
  readonly path: FieldPath;
  /** A template: it may lack an entrypoint, and values for its arguments. */
  readonly isTemplate: boolean;
  /** Run only later, so that what it refers to may still be missing. */
  readonly isLater: boolean;
  readonly namespace: string;
}

/**
 * Everything that is wrong with a workflow, not only the first thing. Messages are Argo's in
 * meaning, with what to do about it. Without a lookup, references to other manifests are not
 * followed.
 */
export function validateWorkflow(
  workflow: Workflow,
  options: ValidateOptions = {},
): readonly Problem[] {
  const { metadata, spec } = workflow;
  const namespace = metadata.namespace ?? DEFAULT_NAMESPACE;
  const kind = { isTemplate: false, isLater: false };
  const subject = { metadata, spec, path: ['spec'], namespace, ...kind };
  const problems = validateSpec(subject, options);
  const limit = { kind: 'workflow', lengthMax: WORKFLOW_NAME_LENGTH_MAX };
  return [...nameLengthProblems(metadata, limit), ...problems];
}

/**
 * The same for a template on its own: whoever uses it may bring arguments, labels and annotations.
 */
export function validateWorkflowTemplate(
  template: WorkflowTemplate | ClusterWorkflowTemplate,
  options: ValidateOptions = {},
): readonly Problem[] {
  const { metadata, spec } = template;
  const namespace = metadata.namespace ?? DEFAULT_NAMESPACE;
  const kind = { isTemplate: true, isLater: true };
  const subject = { metadata, spec, path: ['spec'], namespace, ...kind };
  const limit = { kind: 'workflow template', lengthMax: WORKFLOW_NAME_LENGTH_MAX };
  return [...nameLengthProblems(metadata, limit), ...validateSpec(subject, options)];
}

/** Names are bounded because labels and names of pods are made of them. */
export function nameLengthProblems(
  metadata: ObjectMeta,
  limit: { readonly kind: string; readonly lengthMax: number },
): readonly Problem[] {
  const name = metadata.name ?? '';
  if (name.length <= limit.lengthMax) return [];
  const message =
    `${limit.kind} name "${name}" must not be more than ${limit.lengthMax} characters long ` +
    `(currently ${name.length})`;
  return [{ message, path: 'metadata.name', severity: 'error' }];
}

/** Validates a spec with all it reaches. */
export function validateSpec(subject: SpecSubject, options: ValidateOptions): readonly Problem[] {
  const problems: Problem[] = [];
  const reporter = createReporter(problems);
  const site: Site = { path: subject.path, trail: '', isOwn: true };
  const spec = effectiveSpec(subject, options, problems);
  const validation: Validation = {
    ...reporter,
    options,
    isTemplate: subject.isTemplate,
    namespace: subject.namespace,
    missingReference: missingReferenceOf(subject, options),
    globals: createScope(),
    templateDefaults: spec.templateDefaults,
    validated: new Set(),
    validateCall: (check: CallCheck) => checkCall(validation, check),
  };
  addGlobalVariables(validation.globals, subject.metadata, spec);
  const named = { items: subject.spec.templates ?? [], problemOf: stepNameProblem };
  checkNames(validation, below(site, '', 'templates'), 'spec.templates', named);
  checkSpecArguments(validation, site, subject, spec);
  checkSpecFields(validation, site, spec);
  checkTemplates(validation, site, subject, spec);
  return problems;
}

/** The spec over its template's and the installation's defaults; a missing template is reported. */
function effectiveSpec(
  subject: SpecSubject,
  options: ValidateOptions,
  problems: Problem[],
): WorkflowSpec {
  const { spec, namespace } = subject;
  if (spec.workflowTemplateRef !== undefined && (spec.templates ?? []).length > 0) {
    const message =
      'Templates is invalid field in spec if workflow referred WorkflowTemplate reference: ' +
      'remove templates, or workflowTemplateRef';
    const path = [...subject.path, 'templates'].join('.');
    problems.push({ message, path, severity: 'error' });
  }
  const base = templateSpec(spec, namespace, options.lookup ?? createTemplateLookup([]));
  if (!base.ok && options.lookup !== undefined) {
    const severity = missingReferenceOf(subject, options);
    const path = [...subject.path, 'workflowTemplateRef', 'name'].join('.');
    problems.push(...base.error.map(({ message }) => ({ message, path, severity })));
  }
  const below_ = joinSpecs(options.defaults?.spec ?? {}, (base.ok ? base.value : undefined) ?? {});
  return withTemplateDefaults(joinSpecs(below_, spec));
}

function missingReferenceOf(subject: SpecSubject, options: ValidateOptions): Problem['severity'] {
  return options.missingReference ?? (subject.isLater ? 'warning' : 'error');
}

function checkSpecArguments(
  validation: Validation,
  site: Site,
  subject: SpecSubject,
  spec: WorkflowSpec,
): void {
  const isMerged = spec.arguments !== undefined && subject.spec.workflowTemplateRef !== undefined;
  const at = below(site, '', 'arguments');
  const mayLackValues = subject.isTemplate || validation.options.lint === true;
  const given = { arguments: spec.arguments, mayLackValues };
  // Merged arguments have other places than those that are written down.
  checkArguments(validation, { ...at, isOwn: !isMerged }, 'spec.arguments.', given);
}

function checkTemplates(
  validation: Validation,
  site: Site,
  subject: SpecSubject,
  spec: WorkflowSpec,
): void {
  const home = homeOf(subject, spec);
  for (const { template } of home.templates.values()) {
    addGlobalOutputs(validation.globals, template);
  }
  const supplied: Arguments | 'any' =
    subject.isTemplate || validation.options.lint === true ? 'any' : (spec.arguments ?? {});
  checkEntrypoint(validation, site, { subject, spec, home, supplied });
  const hasExit = (spec.onExit ?? '') !== '';
  if (hasExit || spec.hooks !== undefined) addExitVariables(validation.globals);
  if (hasExit) {
    const call = { template: spec.onExit ?? '' };
    const at = below(site, '', 'onExit');
    validation.validateCall({ call, home, site: at, supplied, isNameSite: true });
  }
  const place = { label: 'hooks', home, scope: validation.globals };
  checkHooks(validation, site, spec.hooks, place);
  for (const [name, { path }] of home.templates) {
    const at: Site = { path: path ?? site.path, trail: '', isOwn: path !== undefined };
    validation.validateCall({ call: { template: name }, home, site: at, supplied: 'any' });
  }
}

function checkEntrypoint(
  validation: Validation,
  site: Site,
  given: {
    readonly subject: SpecSubject;
    readonly spec: WorkflowSpec;
    readonly home: Home;
    readonly supplied: Arguments | 'any';
  },
): void {
  const { subject, spec, home, supplied } = given;
  const entrypoint = spec.entrypoint ?? '';
  const isUnknown = subject.spec.workflowTemplateRef !== undefined && home.templates.size === 0;
  if (isUnknown) return;
  if (entrypoint === '') {
    if (subject.isTemplate) return;
    const message = 'spec.entrypoint is required: name the template to run first';
    validation.report(site, message);
    return;
  }
  const at = below(site, '', 'entrypoint');
  validation.validateCall({
    call: { template: entrypoint },
    home,
    site: at,
    supplied,
    isNameSite: true,
  });
}

function homeOf(subject: SpecSubject, spec: WorkflowSpec): Home {
  const places = new Map<string, FieldPath>();
  for (const [index, { name }] of (subject.spec.templates ?? []).entries()) {
    places.set(name ?? '', [...subject.path, 'templates', index]);
  }
  const templates = new Map<string, HomeTemplate>();
  for (const template of spec.templates ?? []) {
    const name = template.name ?? '';
    const path = places.get(name);
    if (name !== '') templates.set(name, path === undefined ? { template } : { template, path });
  }
  return { key: 'local', templates };
}
