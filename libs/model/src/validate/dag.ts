import type { DAGTask, Template } from '../types/template.ts';
import { checkArguments } from './arguments.ts';
import { below, type Home, type Site, type Validation } from './context.ts';
import { checkDagStyle, checkTargets, readDependencies } from './dag-rules.ts';
import { checkNames, stepNameProblem } from './field-names.ts';
import { checkHooks } from './hooks.ts';
import { checkLoop, isExpanded } from './loops.ts';
import { addOutputs } from './outputs.ts';
import { createScope, type VariableScope } from './scope.ts';
import { createAncestry, findCycle, type Dependencies } from './task-graph.ts';
import { checkVariables, simpleTagsOf, withoutBodies } from './variables.ts';

interface DagPlace {
  readonly template: Template;
  readonly home: Home;
  readonly scope: VariableScope;
}

type Targets = ReadonlyMap<string, Template | undefined>;

/** A task sees the outputs and statuses of the tasks it depends on, directly or through others. */
export function checkDag(validation: Validation, site: Site, place: DagPlace): void {
  const { template, home, scope } = place;
  const tasks = template.dag?.tasks ?? [];
  const label = `templates.${template.name ?? ''}`;
  if (tasks.length === 0) {
    validation.report(site, `${label} must have at least one task`, 'dag');
    return;
  }
  const named = { items: tasks, problemOf: stepNameProblem };
  checkNames(validation, below(site, '', 'dag', 'tasks'), `${label}.tasks`, named);
  checkDagStyle(validation, site, template, tasks);
  const dependencies = readDependencies(validation, site, template, tasks);
  const cycle = findCycle(dependencies);
  if (cycle !== undefined) {
    const message = `${label} tasks dependency cycle detected: ${cycle}`;
    validation.report(site, `${message}: remove one of these dependencies`, 'dag', 'tasks');
  }
  const targetSite = below(site, `${label}.targets `, 'dag', 'target');
  checkVariables(validation, targetSite, template.dag?.target, scope);
  checkTargets(validation, site, template, tasks);
  const targets = new Map<string, Template | undefined>();
  for (const [index, task] of tasks.entries()) {
    const at = below(site, `${label}.tasks.${task.name} `, 'dag', 'tasks', index);
    const call = { call: task, home, site: at, supplied: task.arguments ?? {} };
    targets.set(task.name, validation.validateCall(call));
  }
  const graph = createGraph(validation, tasks, targets, dependencies);
  for (const [index, task] of tasks.entries()) {
    checkTask(validation, below(site, '', 'dag', 'tasks', index), { ...place, task, graph });
  }
  // Outputs of the template may come from any of its tasks.
  graph.addAll(scope);
}

interface TaskGraph {
  isTask(name: string): boolean;
  isAncestor(name: string, task: string): boolean;
  /** Everything of the scope, and the outputs of the tasks that the task depends on. */
  scopeOf(task: string, scope: VariableScope): VariableScope;
  /** The task's own outputs. */
  outputsOf(name: string): VariableScope;
  addAll(scope: VariableScope): void;
}

function createGraph(
  validation: Validation,
  tasks: readonly DAGTask[],
  targets: Targets,
  dependencies: Dependencies,
): TaskGraph {
  const outputs = new Map<string, VariableScope>();
  for (const task of tasks) {
    const producer = { template: targets.get(task.name), isExpanded: isExpanded(task) };
    const own = createScope();
    addOutputs(own, validation.globals, `tasks.${task.name}`, producer);
    outputs.set(task.name, own);
  }
  const { isAncestor } = createAncestry(dependencies);
  return {
    isTask: (name) => outputs.has(name),
    isAncestor,
    outputsOf: (name) => outputs.get(name) ?? createScope(),
    scopeOf: (task, scope) =>
      withTasks(scope, (name) => (isAncestor(name, task) ? outputs.get(name) : undefined)),
    addAll: (scope) => {
      for (const own of outputs.values()) scope.addAll(own);
    },
  };
}

/** A scope that asks for the outputs of a task when one of them is looked up. */
function withTasks(
  scope: VariableScope,
  outputsOf: (task: string) => VariableScope | undefined,
): VariableScope {
  const own = scope.child();
  return {
    ...own,
    has: (name) => own.has(name) || outputsOf(taskOf(name))?.has(name) === true,
  };
}

function taskOf(variable: string): string {
  return variable.split('.', 2)[1] ?? '';
}

function checkTask(
  validation: Validation,
  site: Site,
  place: DagPlace & { readonly task: DAGTask; readonly graph: TaskGraph },
): void {
  const { task, graph, home } = place;
  const label = `templates.${place.template.name ?? ''}.tasks.${task.name}`;
  const at = below(site, `${label} `);
  const scope = graph.scopeOf(task.name, place.scope);
  checkLoop(validation, at, task, scope);
  const given = { arguments: task.arguments, mayLackValues: false };
  checkArguments(validation, below(site, '', 'arguments'), `${label}.arguments.`, given);
  for (const missing of checkArgumentTasks(validation, at, { task, graph })) {
    // Said once already, and in better words.
    scope.addPrefix(`tasks.${missing}.outputs.`);
  }
  checkVariables(validation, at, withoutBodies(task), scope);
  scope.addAll(graph.outputsOf(task.name));
  checkHooks(validation, site, task.hooks, { label, home, scope });
  if ((task.onExit ?? '') !== '') {
    const call = { template: task.onExit ?? '' };
    const exitSite = below(at, 'onExit ', 'onExit');
    validation.validateCall({ call, home, site: exitSite, supplied: {}, isNameSite: true });
  }
}

/** Arguments that take outputs of a task that is not waited for; gives the names of these tasks. */
function checkArgumentTasks(
  validation: Validation,
  site: Site,
  needed: { readonly task: DAGTask; readonly graph: TaskGraph },
): ReadonlySet<string> {
  const missing = new Set<string>();
  const { task, graph } = needed;
  const { parameters = [], artifacts = [] } = task.arguments ?? {};
  const uses = [
    ...parameters.map((parameter, index) => ({
      what: `parameter '${parameter.name}'`,
      text: parameter.value ?? '',
      path: ['arguments', 'parameters', index, 'value'],
    })),
    ...artifacts.map((artifact, index) => ({
      what: `artifact '${artifact.name}'`,
      text: artifact.from ?? '',
      path: ['arguments', 'artifacts', index, 'from'],
    })),
  ];
  for (const { what, text, path } of uses) {
    for (const name of tasksUsedIn(text)) {
      if (!graph.isTask(name) || graph.isAncestor(name, task.name)) continue;
      missing.add(name);
      const message =
        `missing dependency '${name}' for ${what}: add it to 'depends' or ` + `'dependencies'`;
      validation.report(site, message, ...path);
    }
  }
  return missing;
}

function tasksUsedIn(text: string): readonly string[] {
  return simpleTagsOf(text).flatMap((tag) => {
    const match = /^tasks\.(.+?)\.outputs\./.exec(tag);
    return match?.[1] === undefined ? [] : [match[1]];
  });
}
