import type { LifecycleHook } from '../types/control.ts';
import type { Parameter } from '../types/parameter.ts';
import type { DAGTask, Template, TemplateRef, WorkflowStep } from '../types/template.ts';
import type { WorkflowSpec } from '../types/workflow.ts';

/** A step, a task or a hook: whatever calls a template. */
export type TemplateCall = WorkflowStep | DAGTask | LifecycleHook;

/** The calls in a template, those in its inline templates and hooks included. */
export function* callsIn(template: Template): Generator<TemplateCall> {
  const steps = template.steps?.flat() ?? [];
  const tasks = template.dag?.tasks ?? [];
  for (const call of [...steps, ...tasks]) {
    yield call;
    yield* Object.values(call.hooks ?? {});
    if (call.onExit !== undefined && call.onExit !== '') yield { template: call.onExit };
    if (call.inline !== undefined) yield* callsIn(call.inline);
  }
}

/** The calls in a spec: of all its templates, its hooks, and the entrypoint and exit handler. */
export function* callsOfSpec(spec: WorkflowSpec): Generator<TemplateCall> {
  if (spec.entrypoint !== undefined && spec.entrypoint !== '') yield { template: spec.entrypoint };
  if (spec.onExit !== undefined && spec.onExit !== '') yield { template: spec.onExit };
  yield* Object.values(spec.hooks ?? {});
  for (const template of spec.templates ?? []) yield* callsIn(template);
}

/** Parameters that may take their value from a ConfigMap. */
export function* parametersOfSpec(spec: WorkflowSpec): Generator<Parameter> {
  yield* spec.arguments?.parameters ?? [];
  for (const call of callsOfSpec(spec)) yield* call.arguments?.parameters ?? [];
  for (const template of spec.templates ?? []) yield* parametersOfTemplate(template);
}

/** Declared inputs of a template and of its inline templates. */
export function* parametersOfTemplate(template: Template): Generator<Parameter> {
  yield* template.inputs?.parameters ?? [];
  yield* template.outputs?.parameters ?? [];
  for (const call of callsIn(template)) {
    yield* call.arguments?.parameters ?? [];
    if ('inline' in call && call.inline !== undefined) yield* parametersOfTemplate(call.inline);
  }
}

/** True when the text holds a variable, so that it is known only while the workflow runs. */
export function hasVariable(text: string | undefined): boolean {
  return text !== undefined && text.includes('{{');
}

/**
 * Argo's key of a stored template: `namespaced/<name>/<template>` or `cluster/<name>/<template>`.
 */
export function storedTemplateKey(reference: TemplateRef): string {
  const scope = reference.clusterScope === true ? 'cluster' : 'namespaced';
  return `${scope}/${reference.name ?? ''}/${reference.template ?? ''}`;
}
