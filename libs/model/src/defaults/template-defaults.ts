import { kindOf, TEMPLATE_KINDS } from '../template-kinds.ts';
import type { Template } from '../types/template.ts';
import { strategicMerge } from './strategic-merge.ts';

/** Fields that mean something for templates that do work themselves, not for steps and DAGs. */
const LEAF_FIELDS = ['activeDeadlineSeconds', 'timeout', 'pendingTimeout', 'podResources'];

/** Fields that mean something for steps and DAGs only. */
const NESTED_FIELDS = ['parallelism', 'failFast'];

/**
 * Puts `templateDefaults` under a template and the inline templates in it. Parts of the defaults
 * that belong to another kind of template (`container` for a script, `timeout` for a DAG) are left
 * out.
 */
export function applyTemplateDefaults(
  template: Template,
  defaults: Template | undefined,
): Template {
  if (defaults === undefined) return template;
  const kind = kindOf(template);
  const unfit = new Set<string>(TEMPLATE_KINDS.filter((other) => other !== kind)).add('name');
  const isNested = kind === 'steps' || kind === 'dag';
  for (const field of isNested ? LEAF_FIELDS : NESTED_FIELDS) unfit.add(field);
  const fitting = Object.entries(defaults).filter(([field]) => !unfit.has(field));
  return withInlines(strategicMerge(Object.fromEntries(fitting), template), defaults);
}

function withInlines(template: Template, defaults: Template): Template {
  const { steps, dag } = template;
  if (steps?.some((group) => group.some((step) => step.inline !== undefined)) === true) {
    const changed = steps.map((group) => group.map((step) => withInline(step, defaults)));
    return { ...template, steps: changed };
  }
  if (dag?.tasks.some((task) => task.inline !== undefined) === true) {
    const tasks = dag.tasks.map((task) => withInline(task, defaults));
    return { ...template, dag: { ...dag, tasks } };
  }
  return template;
}

function withInline<Call extends { readonly inline?: Template }>(
  call: Call,
  defaults: Template,
): Call {
  if (call.inline === undefined) return call;
  return { ...call, inline: applyTemplateDefaults(call.inline, defaults) };
}
