import type { DAGTask, Template } from '../types/template.ts';
import { hasVariable } from '../defaults/spec-walk.ts';
import { below, type Site, type Validation } from './context.ts';
import { dependsTerms, TASK_RESULTS, type DependsTerm } from './depends.ts';
import { isExpanded } from './loops.ts';
import type { Dependencies } from './task-graph.ts';

/** What may not be mixed within one DAG: `depends` with `dependencies` or `continueOn`. */
export function checkDagStyle(
  validation: Validation,
  site: Site,
  template: Template,
  tasks: readonly DAGTask[],
): void {
  const label = `templates.${template.name ?? ''}`;
  const usesDepends = tasks.some((task) => isDepends(task));
  const usesDependencies = tasks.some((task) => hasDependencies(task));
  if (usesDepends && usesDependencies) {
    const message =
      `${label} cannot use both 'depends' and 'dependencies' in the same DAG ` + 'template';
    const index = tasks.findIndex((task) => hasDependencies(task));
    validation.report(site, `${message}: write all of them as 'depends'`, 'dag', 'tasks', index);
  }
  for (const [index, task] of tasks.entries()) {
    const at = below(site, '', 'dag', 'tasks', index);
    if (usesDepends && task.continueOn !== undefined) {
      const advice = "Instead use 'dep-task.Failed'/'dep-task.Errored'";
      const message = `${label} cannot use 'continueOn' when using 'depends'. ${advice}`;
      validation.report(at, message, 'continueOn');
    }
    if ((usesDepends || usesDependencies) && /^\d/.test(task.name)) {
      const rule = "name cannot begin with a digit when using either 'depends' or 'dependencies'";
      validation.report(at, `${label}.tasks.${task.name} ${rule}`, 'name');
    }
  }
}

function isDepends(task: DAGTask): boolean {
  return (task.depends ?? '') !== '';
}

function hasDependencies(task: DAGTask): boolean {
  return task.dependencies !== undefined && task.dependencies.length > 0;
}

/** What each task waits for; reports names and results that make no sense. */
export function readDependencies(
  validation: Validation,
  site: Site,
  template: Template,
  tasks: readonly DAGTask[],
): Dependencies {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const dependencies = new Map<string, readonly string[]>();
  for (const [index, task] of tasks.entries()) {
    const at = below(site, '', 'dag', 'tasks', index);
    const label = `templates.${template.name ?? ''}.tasks.${task.name}`;
    const terms = termsOf(validation, at, label, task);
    const known: string[] = [];
    for (const term of terms) {
      const problem = termProblem(term, task, byName.get(term.task));
      const field = isDepends(task) ? 'depends' : 'dependencies';
      if (problem !== undefined) validation.report(at, `${label} ${problem}`, field);
      if (byName.has(term.task)) known.push(term.task);
    }
    dependencies.set(task.name, known);
  }
  return dependencies;
}

function termsOf(
  validation: Validation,
  site: Site,
  label: string,
  task: DAGTask,
): readonly DependsTerm[] {
  if (!isDepends(task)) return (task.dependencies ?? []).map((name) => ({ task: name }));
  const terms = dependsTerms(task.depends ?? '');
  if (terms.ok) return terms.value;
  const message = `${label} depends '${task.depends ?? ''}' is invalid: ${terms.error}`;
  validation.report(site, message, 'depends');
  return [];
}

function termProblem(
  term: DependsTerm,
  task: DAGTask,
  target: DAGTask | undefined,
): string | undefined {
  if (target === undefined) {
    return `dependency '${term.task}' not defined: name a task of the same template`;
  }
  if (term.result === undefined) return undefined;
  if (!TASK_RESULTS.has(term.result)) {
    const known = [...TASK_RESULTS].join(', ');
    return `task result '${term.result}' for task '${term.task}' is invalid: use one of ${known}`;
  }
  const isAggregate = term.result === 'AnySucceeded' || term.result === 'AllFailed';
  if (isAggregate && !isExpanded(target)) {
    return (
      `task '${task.name}' asks for ${term.task}.${term.result}, but '${term.task}' ` +
      'does not contain any items'
    );
  }
  return undefined;
}

/** `dag.target` names tasks of the template, separated by blanks. */
export function checkTargets(
  validation: Validation,
  site: Site,
  template: Template,
  tasks: readonly DAGTask[],
): void {
  const target = template.dag?.target ?? '';
  if (hasVariable(target)) return;
  const names = new Set(tasks.map((task) => task.name));
  for (const name of target.split(/\s+/)) {
    if (name === '' || names.has(name)) continue;
    const label = `templates.${template.name ?? ''}`;
    const message = `${label} target '${name}' is not defined: name a task of the template`;
    validation.report(site, message, 'dag', 'target');
  }
}
