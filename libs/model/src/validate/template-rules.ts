import { parseGoDuration } from '@argosy/base';
import { hasVariable } from '../defaults/spec-walk.ts';
import { parseDocument } from 'yaml';
import type { Backoff, RetryStrategy, Synchronization } from '../types/control.ts';
import type { IntOrString } from '../types/json.ts';
import type { ResourceRequirements } from '../types/kubernetes.ts';
import type { ResourceTemplate, Template, TemplateKind } from '../types/template.ts';
import { below, type Site, type Validation } from './context.ts';

const RETRY_POLICIES = new Set(['Always', 'OnFailure', 'OnError', 'OnTransientError']);

/** Kinds that make no pod. */
const PODLESS_NAMES: Readonly<Partial<Record<TemplateKind, string>>> = {
  http: 'HTTP',
  steps: 'Steps',
  dag: 'DAG',
  suspend: 'Suspend',
  plugin: 'Plugin',
};

/** Fields that only leaf templates, or only steps and DAGs, may have. */
export function checkLeafFields(
  validation: Validation,
  site: Site,
  template: Template,
  kind: TemplateKind,
): void {
  const label = `templates.${template.name ?? ''}`;
  const isLeaf = kind !== 'steps' && kind !== 'dag';
  const { activeDeadlineSeconds, parallelism } = template;
  if (activeDeadlineSeconds !== undefined) {
    const name = `${label}.activeDeadlineSeconds`;
    if (!isLeaf) {
      const message = `${name} is only valid for leaf templates: set it on the templates inside`;
      validation.report(site, message, 'activeDeadlineSeconds');
    } else if (!isPositive(activeDeadlineSeconds)) {
      const message = `${name} must be a positive integer > 0 or an argo variable`;
      validation.report(site, message, 'activeDeadlineSeconds');
    }
  }
  if (parallelism !== undefined && isLeaf) {
    const message = `${label}.parallelism is only valid for steps and dag templates`;
    validation.report(site, message, 'parallelism');
  }
  for (const field of ['timeout', 'pendingTimeout'] as const) {
    checkTimeout(validation, site, { template, field, isLeaf, kind });
  }
}

function isPositive(value: IntOrString): boolean {
  if (typeof value === 'number') return value > 0;
  return hasVariable(value) || (/^\d+$/.test(value) && Number(value) > 0);
}

function checkTimeout(
  validation: Validation,
  site: Site,
  given: {
    readonly template: Template;
    readonly field: 'timeout' | 'pendingTimeout';
    readonly isLeaf: boolean;
    readonly kind: TemplateKind;
  },
): void {
  const value = given.template[given.field];
  if (value === undefined || value === '') return;
  if (!given.isLeaf) {
    const kind = given.kind === 'dag' ? 'DAG' : 'Steps';
    const message = `${kind} template doesn't support ${given.field} field.`;
    validation.report(site, message, given.field);
    return;
  }
  if (hasVariable(value) || (parseGoDuration(value).ok && !/^\d+$/.test(value))) return;
  const name = given.template.name ?? '';
  const message = `${name} has invalid duration format in ${given.field}.`;
  validation.report(site, `${message} Write for instance "30s" or "5m"`, given.field);
}

/** How a template (or the workflow) is tried again. `label` as Argo writes it. */
export function checkRetryStrategy(
  validation: Validation,
  site: Site,
  label: string,
  retryStrategy: RetryStrategy | undefined,
): void {
  if (retryStrategy === undefined) return;
  const at = below(site, '', 'retryStrategy');
  const { retryPolicy, limit } = retryStrategy;
  if (retryPolicy !== undefined && !hasVariable(retryPolicy) && !RETRY_POLICIES.has(retryPolicy)) {
    const known = [...RETRY_POLICIES].join(', ');
    const message = `${label} ${retryPolicy} is not a valid RetryPolicy: use one of ${known}`;
    validation.report(at, message, 'retryPolicy');
  }
  if (typeof limit === 'string' && !hasVariable(limit) && !/^\d+$/.test(limit)) {
    const message = `${label} retryStrategy.limit must be a whole number or a variable`;
    validation.report(at, message, 'limit');
  }
  checkBackoff(validation, at, label, retryStrategy.backoff);
}

function checkBackoff(
  validation: Validation,
  site: Site,
  label: string,
  backoff: Backoff | undefined,
): void {
  for (const field of ['duration', 'maxDuration', 'cap'] as const) {
    const text = backoff?.[field] ?? '';
    const isSeconds = text === '' || /^\d+$/.test(text);
    if (isSeconds || hasVariable(text) || parseGoDuration(text).ok) continue;
    const message =
      `${label} retryStrategy.backoff.${field} '${text}' is no duration: write for ` +
      'instance "10s"';
    validation.report(site, message, 'backoff', field);
  }
}

const RESOURCE_ACTIONS = ['get', 'create', 'apply', 'delete', 'replace', 'patch'];

/** What a resource template does, and with what. */
export function checkResource(validation: Validation, site: Site, template: Template): void {
  const { resource } = template;
  if (resource === undefined) return;
  const label = `templates.${template.name ?? ''}.resource`;
  const at = below(site, '', 'resource');
  const { action } = resource;
  if (!hasVariable(action) && !RESOURCE_ACTIONS.includes(action)) {
    const message = `${label}.action must be one of: ${RESOURCE_ACTIONS.join(', ')}`;
    validation.report(at, message, 'action');
  }
  checkManifest(validation, at, label, resource);
}

/** Actions that can do with the name of an object among the flags. */
const ACTIONS_BY_NAME: ReadonlySet<string> = new Set(['get', 'delete', 'patch']);

function checkManifest(
  validation: Validation,
  site: Site,
  label: string,
  resource: ResourceTemplate,
): void {
  const { action, manifest = '', manifestFrom, flags = [] } = resource;
  const choice = `either ${label}.manifest or ${label}.manifestFrom`;
  if (manifest === '') {
    const isNeeded = !ACTIONS_BY_NAME.has(action) && flags.length === 0;
    if (isNeeded && manifestFrom === undefined) {
      validation.report(site, `${choice} must be specified`);
    }
    return;
  }
  if (manifestFrom !== undefined) validation.report(site, `${choice}: keep one`, 'manifest');
  if (hasVariable(manifest)) return;
  const [problem] = parseDocument(manifest, { strict: false, logLevel: 'silent' }).errors;
  if (problem === undefined) return;
  const message = `${label}.manifest must be a valid yaml: ${problem.message.split('\n')[0] ?? ''}`;
  validation.report(site, message, 'manifest');
}

/** Semaphores name one limit, mutexes have a name. */
export function checkSynchronization(
  validation: Validation,
  site: Site,
  label: string,
  synchronization: Synchronization | undefined,
): void {
  const at = below(site, '', 'synchronization');
  for (const [index, semaphore] of (synchronization?.semaphores ?? []).entries()) {
    const sources = [semaphore.configMapKeyRef, semaphore.database].filter(
      (source) => source !== undefined,
    );
    if (sources.length === 1) continue;
    const message =
      `${label}synchronization.semaphores[${index}] needs exactly one of ` +
      'configMapKeyRef and database';
    validation.report(at, message, 'semaphores', index);
  }
  for (const [index, mutex] of (synchronization?.mutexes ?? []).entries()) {
    if ((mutex.name ?? '') !== '') continue;
    const message = `${label}synchronization.mutexes[${index}].name is required`;
    validation.report(at, message, 'mutexes', index);
  }
}

/** Resources of a whole pod; for templates that make one. */
export function checkPodResources(
  validation: Validation,
  site: Site,
  template: Template,
  kind: TemplateKind,
): void {
  const label = `templates.${template.name ?? ''}`;
  const podless = PODLESS_NAMES[kind];
  for (const field of ['podResources', 'resourceClaims'] as const) {
    if (template[field] === undefined || podless === undefined) continue;
    const message =
      `${label}.${field} is not supported for ${podless} templates, which do not ` + 'create a pod';
    validation.report(site, message, field);
  }
  checkPodResourceNames(validation, site, `${label}.podResources`, template.podResources);
}

/** Only these resources can be asked for a pod as a whole. */
export function checkPodResourceNames(
  validation: Validation,
  site: Site,
  label: string,
  resources: ResourceRequirements | undefined,
): void {
  for (const field of ['limits', 'requests'] as const) {
    for (const name of Object.keys(resources?.[field] ?? {})) {
      if (name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')) continue;
      const message =
        `${label}: "${name}" is not a valid pod-level resource: use cpu, memory or ` +
        'hugepages-*';
      validation.report(site, message, 'podResources', field, name);
    }
  }
}
