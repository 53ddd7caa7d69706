import type { TemplateRef } from '../types/template.ts';
import type {
  ClusterWorkflowTemplate,
  Workflow,
  WorkflowSpec,
  WorkflowTemplate,
} from '../types/workflow.ts';
import { callsOfSpec, hasVariable, parametersOfSpec } from './spec-walk.ts';
import { DEFAULT_NAMESPACE, type TemplateLookup } from './template-lookup.ts';

/** Another manifest that a workflow needs. */
export interface TemplateReference {
  readonly kind: 'WorkflowTemplate' | 'ClusterWorkflowTemplate' | 'ConfigMap';
  readonly name: string;
  /** Absent for cluster-wide kinds. */
  readonly namespace?: string;
  /** The name holds a variable: any manifest of that kind (and namespace) may be meant. */
  readonly isVariable: boolean;
}

/** Most templates that one workflow may reach through references. */
export const REFERENCED_TEMPLATES_MAX = 10_000;

/**
 * Everything a workflow (or template) refers to, through as many manifests as the lookup has. A
 * caller fetches what is named and asks again with a fuller lookup until nothing new is named.
 */
export function referencedTemplates(
  manifest: Workflow | WorkflowTemplate | ClusterWorkflowTemplate,
  lookup?: TemplateLookup,
): readonly TemplateReference[] {
  const found = new Map<string, TemplateReference>();
  const namespace = manifest.metadata.namespace ?? DEFAULT_NAMESPACE;
  const queue: WorkflowSpec[] = [manifest.spec];
  for (const spec of queue) {
    for (const reference of referencesOf(spec, namespace)) {
      const key = `${reference.kind}/${reference.namespace ?? ''}/${reference.name}`;
      if (found.has(key) || found.size >= REFERENCED_TEMPLATES_MAX) continue;
      found.set(key, reference);
      const target = lookup === undefined ? undefined : lookUp(reference, lookup);
      if (target !== undefined) queue.push(target);
    }
  }
  return [...found.values()];
}

function lookUp(reference: TemplateReference, lookup: TemplateLookup): WorkflowSpec | undefined {
  const { kind, name, namespace } = reference;
  if (kind === 'WorkflowTemplate') return lookup.workflowTemplate(namespace ?? '', name)?.spec;
  if (kind === 'ClusterWorkflowTemplate') return lookup.clusterWorkflowTemplate(name)?.spec;
  return undefined;
}

function* referencesOf(spec: WorkflowSpec, namespace: string): Generator<TemplateReference> {
  if (spec.workflowTemplateRef !== undefined) {
    yield templateReference(spec.workflowTemplateRef, namespace);
  }
  for (const call of callsOfSpec(spec)) {
    if (call.templateRef !== undefined) yield templateReference(call.templateRef, namespace);
  }
  for (const parameter of parametersOfSpec(spec)) {
    const name = parameter.valueFrom?.configMapKeyRef?.name;
    if (name === undefined || name === '') continue;
    yield { kind: 'ConfigMap', name, namespace, isVariable: hasVariable(name) };
  }
}

function templateReference(reference: TemplateRef, namespace: string): TemplateReference {
  const name = reference.name ?? '';
  const isVariable = hasVariable(name);
  return reference.clusterScope === true
    ? { kind: 'ClusterWorkflowTemplate', name, isVariable }
    : { kind: 'WorkflowTemplate', name, namespace, isVariable };
}
