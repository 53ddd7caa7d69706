import { storedTemplateKey, hasVariable } from '../defaults/spec-walk.ts';
import { applyTemplateDefaults } from '../defaults/template-defaults.ts';
import { nearestName } from '../parse/suggestion.ts';
import { kindsOf, TEMPLATE_KINDS } from '../template-kinds.ts';
import type { Template, TemplateKind, TemplateRef } from '../types/template.ts';
import type { ClusterWorkflowTemplate, WorkflowTemplate } from '../types/workflow.ts';
import { checkLocation } from './artifact-location.ts';
import {
  checkContainerSet,
  checkExtraContainers,
  checkImage,
  checkMounts,
} from './container-rules.ts';
import type { CallCheck, Home, HomeTemplate, Site, Validation } from './context.ts';
import { below } from './context.ts';
import { checkDag } from './dag.ts';
import { checkInputs, checkSupplied } from './inputs.ts';
import { checkMetrics } from './metrics.ts';
import { addGlobalOutputs, checkOutputs } from './outputs.ts';
import type { VariableScope } from './scope.ts';
import { checkSteps } from './steps.ts';
import {
  checkLeafFields,
  checkPodResources,
  checkResource,
  checkRetryStrategy,
  checkSynchronization,
} from './template-rules.ts';
import { checkVariables, withoutBodies } from './variables.ts';

/**
 * Argo's bound on templates within templates; the rest of a deeper chain is looked at by itself.
 */
export const TEMPLATE_DEPTH_MAX = 100;

/** Validates a call and, the first time it is met, the template it leads to. */
export function checkCall(validation: Validation, check: CallCheck): Template | undefined {
  const found = findTemplate(validation, check);
  if (found === undefined) return undefined;
  const { template, home, site } = found;
  checkSupplied(validation, check.site, template, check.supplied);
  const isInline = 'inline' in check.call && check.call.inline !== undefined;
  const key = `${home.key}/${template.name ?? ''}`;
  const isDeep = site.trail.split(' ').length > TEMPLATE_DEPTH_MAX;
  if (isInline || (!validation.validated.has(key) && !isDeep)) {
    if (!isInline) validation.validated.add(key);
    checkTemplate(validation, site, template, home);
  }
  return template;
}

interface FoundTemplate {
  readonly template: Template;
  readonly home: Home;
  readonly site: Site;
}

function findTemplate(validation: Validation, check: CallCheck): FoundTemplate | undefined {
  const { call, home, site } = check;
  const inline = 'inline' in call ? call.inline : undefined;
  const name = call.template ?? '';
  const given = [inline, call.templateRef, name === '' ? undefined : name];
  const count = given.filter((part) => part !== undefined).length;
  if (count !== 1) {
    const verb = count === 0 ? 'required' : 'allowed, not several';
    validation.report(site, `one of template, templateRef and inline is ${verb}`);
    return undefined;
  }
  if (inline !== undefined) return { template: inline, home, site: below(site, '', 'inline') };
  if (call.templateRef !== undefined) return findReferenced(validation, site, call.templateRef);
  if (hasVariable(name)) return undefined;
  const local = home.templates.get(name);
  if (local !== undefined) return placed(local, home, site);
  const nearest = nearestName(name, home.templates.keys());
  const advice = nearest === undefined ? 'add it to the templates' : `did you mean '${nearest}'?`;
  const field = check.isNameSite === true ? [] : ['template'];
  validation.report(site, `template name '${name}' undefined: ${advice}`, ...field);
  return undefined;
}

/**
 * A template of the manifest has its own place in the text; one of another keeps that of the call.
 */
function placed(local: HomeTemplate, home: Home, site: Site): FoundTemplate {
  const { template, path } = local;
  const { trail } = site;
  const at: Site = path === undefined ? { ...site, isOwn: false } : { path, trail, isOwn: true };
  return { template, home, site: at };
}

function findReferenced(
  validation: Validation,
  site: Site,
  reference: TemplateRef,
): FoundTemplate | undefined {
  const { lookup } = validation.options;
  if (!isFollowable(validation, site, reference) || lookup === undefined) return undefined;
  const { name = '', template = '' } = reference;
  const source =
    reference.clusterScope === true
      ? lookup.clusterWorkflowTemplate(name)
      : lookup.workflowTemplate(validation.namespace, name);
  const home = source === undefined ? undefined : homeOfReferenced(validation, source, reference);
  const found = home?.templates.get(template);
  if (home !== undefined && found !== undefined) return placed(found, home, site);
  reportNotFound(validation, site, reference, home);
  return undefined;
}

/** Both parts must be there; one with a variable is known only while the workflow runs. */
function isFollowable(validation: Validation, site: Site, reference: TemplateRef): boolean {
  const { name = '', template = '' } = reference;
  if (name === '') validation.report(site, 'resource name is required', 'templateRef');
  if (template === '') validation.report(site, 'template name is required', 'templateRef');
  return name !== '' && template !== '' && !hasVariable(name + template);
}

function reportNotFound(
  validation: Validation,
  site: Site,
  reference: TemplateRef,
  home: Home | undefined,
): void {
  const { name = '', template = '', clusterScope = false } = reference;
  const kind = clusterScope ? 'ClusterWorkflowTemplate' : 'WorkflowTemplate';
  const message = `template reference ${name}.${template} not found:`;
  if (home !== undefined) {
    const known = [...home.templates.keys()].slice(0, NAMES_SHOWN_MAX).join(', ');
    validation.report(site, `${message} ${kind} '${name}' has ${known}`, 'templateRef');
    return;
  }
  const add = validation.missingReference === 'warning' ? validation.warn : validation.report;
  add(site, `${message} there is no ${kind} '${name}': apply it first`, 'templateRef');
}

const NAMES_SHOWN_MAX = 10;

function homeOfReferenced(
  validation: Validation,
  source: WorkflowTemplate | ClusterWorkflowTemplate,
  reference: TemplateRef,
): Home {
  const templates = new Map<string, HomeTemplate>();
  for (const each of source.spec.templates ?? []) {
    const template = applyTemplateDefaults(each, validation.templateDefaults);
    templates.set(each.name ?? '', { template });
  }
  return { key: storedTemplateKey({ ...reference, template: '' }), templates };
}

/** Validates the body of a template. */
export function checkTemplate(
  validation: Validation,
  site: Site,
  template: Template,
  home: Home,
): void {
  const kind = checkKind(validation, site, template);
  if (kind === undefined) return;
  const scope = validation.globals.child();
  checkInputs(validation, site, { template, kind, scope });
  addOwnVariables(scope, template, kind);
  checkLeafFields(validation, site, template, kind);
  const label = `templates.${template.name ?? ''}`;
  checkRetryStrategy(validation, site, label, template.retryStrategy);
  checkSynchronization(validation, site, `${label}.`, template.synchronization);
  checkPodResources(validation, site, template, kind);
  checkExtraContainers(validation, site, template);
  checkInputVariables(validation, site, template, scope);
  checkBody(validation, site, kind, { template, home, scope });
  checkOutputs(validation, site, { template, kind, scope });
  addGlobalOutputs(validation.globals, template);
  if (template.archiveLocation !== undefined) {
    const at = below(site, '', 'archiveLocation');
    checkLocation(validation, at, `${label}.archiveLocation`, template.archiveLocation);
  }
  checkMetrics(validation, site, `${label} `, template.metrics);
}

function checkKind(
  validation: Validation,
  site: Site,
  template: Template,
): TemplateKind | undefined {
  const kinds = kindsOf(template);
  const label = `templates.${template.name ?? ''}`;
  const choice = `choose one of: ${TEMPLATE_KINDS.join(', ')}`;
  if (kinds.length === 0) {
    validation.report(site, `${label} template type unspecified. ${choice}`);
    return undefined;
  }
  if (kinds.length > 1) {
    const message = `${label} multiple template types specified (${kinds.join(', ')}). ${choice}`;
    validation.report(site, message);
    return undefined;
  }
  return kinds[0];
}

/** Variables that a template knows of itself. */
function addOwnVariables(scope: VariableScope, template: Template, kind: TemplateKind): void {
  if (template.retryStrategy !== undefined) {
    scope.add('retries');
    scope.addPrefix('lastRetry.');
  }
  if (kind === 'steps' || kind === 'dag') return;
  scope.add('pod.name');
  const { artifacts = [], parameters = [] } = template.outputs ?? {};
  for (const { name, path } of artifacts) {
    if (path !== undefined) scope.add(`outputs.artifacts.${name}.path`);
  }
  for (const { name, valueFrom } of parameters) {
    if (valueFrom?.path !== undefined) scope.add(`outputs.parameters.${name}.path`);
  }
}

/** Values of inputs may use what is known everywhere. */
function checkInputVariables(
  validation: Validation,
  site: Site,
  template: Template,
  scope: VariableScope,
): void {
  const at = below(site, `templates.${template.name ?? ''}.inputs `, 'inputs');
  checkVariables(validation, at, template.inputs, scope);
}

function checkBody(
  validation: Validation,
  site: Site,
  kind: TemplateKind,
  place: { readonly template: Template; readonly home: Home; readonly scope: VariableScope },
): void {
  if (kind === 'steps') checkSteps(validation, site, place);
  else if (kind === 'dag') checkDag(validation, site, place);
  else checkLeaf(validation, site, kind, place);
}

function checkLeaf(
  validation: Validation,
  site: Site,
  kind: TemplateKind,
  place: { readonly template: Template; readonly scope: VariableScope },
): void {
  const { template, scope } = place;
  const at = below(site, `templates.${template.name ?? ''} `);
  checkVariables(validation, at, withoutBodies(template), scope);
  if (kind === 'container' || kind === 'script') {
    checkImage(validation, site, template, kind);
    checkMounts(validation, site, template, kind);
  }
  if (kind === 'containerSet') checkContainerSet(validation, site, template);
  if (kind === 'resource') checkResource(validation, site, template);
}
