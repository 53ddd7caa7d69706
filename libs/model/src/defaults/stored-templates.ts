import { err, ok, type Result } from '@argosy/base';
import type { Problem } from '../problem.ts';
import type { Template, TemplateRef } from '../types/template.ts';
import type { ClusterWorkflowTemplate, WorkflowSpec, WorkflowTemplate } from '../types/workflow.ts';
import { REFERENCED_TEMPLATES_MAX } from './references.ts';
import { callsIn, callsOfSpec, hasVariable, storedTemplateKey } from './spec-walk.ts';
import { applyTemplateDefaults } from './template-defaults.ts';
import type { TemplateLookup } from './template-lookup.ts';

/** Templates of other manifests by Argo's key (see `storedTemplateKey`). */
export type StoredTemplates = Readonly<Record<string, Template>>;

type TemplateSource = WorkflowTemplate | ClusterWorkflowTemplate;

interface Collection {
  readonly namespace: string;
  readonly lookup: TemplateLookup;
  readonly defaults: Template | undefined;
  readonly stored: Map<string, Template>;
  readonly queue: TemplateRef[];
  readonly problems: Problem[];
}

/**
 * All templates that a spec reaches by `templateRef`. A bare `template:` inside a referenced
 * template means one of the same manifest, so it is stored under that manifest's name.
 */
export function collectStoredTemplates(
  spec: WorkflowSpec,
  namespace: string,
  lookup: TemplateLookup,
): Result<StoredTemplates, readonly Problem[]> {
  const collection: Collection = {
    namespace,
    lookup,
    defaults: spec.templateDefaults,
    stored: new Map(),
    queue: [],
    problems: [],
  };
  for (const call of callsOfSpec(spec)) {
    if (call.templateRef !== undefined) collection.queue.push(call.templateRef);
  }
  for (const reference of collection.queue) {
    if (collection.stored.size >= REFERENCED_TEMPLATES_MAX) {
      const message = `more than ${REFERENCED_TEMPLATES_MAX} templates are reached by templateRef`;
      return err([{ message, path: 'spec.templates', severity: 'error' }]);
    }
    collectReference(reference, collection);
  }
  if (collection.problems.length > 0) return err(collection.problems);
  return ok(Object.fromEntries(collection.stored));
}

function collectReference(reference: TemplateRef, collection: Collection): void {
  if (collection.stored.has(storedTemplateKey(reference))) return;
  for (const source of sourcesOf(reference, collection)) {
    const name = source.metadata.name ?? '';
    const clusterScope = source.kind === 'ClusterWorkflowTemplate';
    const wanted = hasVariable(reference.template) ? undefined : reference.template;
    const templates = (source.spec.templates ?? []).filter(
      (template) => wanted === undefined || template.name === wanted,
    );
    // With a variable in the name of the manifest, those without such a template are not meant.
    if (templates.length === 0 && !hasVariable(reference.name)) {
      reportMissing(reference, `template "${wanted ?? ''}" is not in ${source.kind}`, collection);
    }
    for (const template of templates) store(template, { name, clusterScope }, collection);
  }
}

function sourcesOf(reference: TemplateRef, collection: Collection): readonly TemplateSource[] {
  const { lookup, namespace } = collection;
  const name = reference.name ?? '';
  const isCluster = reference.clusterScope === true;
  if (hasVariable(name)) {
    const all: Iterable<TemplateSource> | undefined = isCluster
      ? lookup.clusterWorkflowTemplates?.()
      : lookup.workflowTemplates?.(namespace);
    return [...(all ?? [])];
  }
  const source = isCluster
    ? lookup.clusterWorkflowTemplate(name)
    : lookup.workflowTemplate(namespace, name);
  if (source !== undefined) return [source];
  const kind = isCluster ? 'ClusterWorkflowTemplate' : 'WorkflowTemplate';
  reportMissing(reference, `no ${kind} of that name is there; apply it first`, collection);
  return [];
}

function reportMissing(reference: TemplateRef, reason: string, collection: Collection): void {
  const name = `${reference.name ?? ''}.${reference.template ?? ''}`;
  const message = `template reference ${name} not found: ${reason}`;
  if (collection.problems.some((problem) => problem.message === message)) return;
  collection.problems.push({ message, path: 'spec.templates', severity: 'error' });
}

function store(
  template: Template,
  source: { readonly name: string; readonly clusterScope: boolean },
  collection: Collection,
): void {
  const own = (name: string): TemplateRef => ({ ...source, template: name });
  const key = storedTemplateKey(own(template.name ?? ''));
  if (collection.stored.has(key)) return;
  collection.stored.set(key, applyTemplateDefaults(template, collection.defaults));
  for (const call of callsIn(template)) {
    if (call.templateRef !== undefined) collection.queue.push(call.templateRef);
    else if (call.template !== undefined && call.template !== '') {
      collection.queue.push(own(call.template));
    }
  }
}
