import type { DAGTask, Template, Workflow, WorkflowStep } from '@argosy/model';
import { validateWorkflow } from '@argosy/model';
import type { Scenario } from './scenario.ts';

/** Scenarios tried before a shrunk one is taken as it is. */
const ATTEMPTS_MAX = 1_500;

/**
 * A smaller scenario that still fails: workflows, faults, commands, tasks and single fields are left out one by one as
 * long as the failure stays.
 */
export function shrink(scenario: Scenario, fails: (candidate: Scenario) => boolean): Scenario {
  let best = scenario;
  let attempts = 0;
  for (let isSmaller = true; isSmaller && attempts < ATTEMPTS_MAX;) {
    isSmaller = false;
    for (const candidate of smallerOnes(best)) {
      attempts += 1;
      if (attempts >= ATTEMPTS_MAX) break;
      if (!isSound(candidate) || !fails(candidate)) continue;
      best = candidate;
      isSmaller = true;
      break;
    }
  }
  return best;
}

/** What validation would refuse shows nothing about runs. */
function isSound({ workflows }: Scenario): boolean {
  return workflows.every((workflow) => {
    return validateWorkflow(workflow).every(({ severity }) => severity !== 'error');
  });
}

function* smallerOnes(scenario: Scenario): Iterable<Scenario> {
  yield* withoutWorkflows(scenario);
  for (const faults of withoutEach(scenario.faults)) yield { ...scenario, faults };
  for (const commands of withoutEach(scenario.commands)) yield { ...scenario, commands };
  yield* withoutLimitChanges(scenario);
  if (scenario.isEncoded) yield { ...scenario, isEncoded: false };
  if (scenario.partitions > 1) yield { ...scenario, partitions: 1 };
  if (scenario.replicas > 1) yield { ...scenario, replicas: scenario.replicas - 1 };
  if (scenario.executors > 1) yield { ...scenario, executors: 1 };
  for (const [index, workflow] of scenario.workflows.entries()) {
    for (const smaller of smallerWorkflows(workflow)) {
      yield { ...scenario, workflows: scenario.workflows.with(index, smaller) };
    }
  }
}

function* withoutLimitChanges(scenario: Scenario): Iterable<Scenario> {
  const { locks } = scenario;
  if (locks === undefined) return;
  for (const changes of withoutEach(locks.changes)) {
    yield { ...scenario, locks: { ...locks, changes } };
  }
}

/** The commands of a workflow go with it; the places of the others move up. */
function* withoutWorkflows(scenario: Scenario): Iterable<Scenario> {
  if (scenario.workflows.length < 2) return;
  for (const index of scenario.workflows.keys()) {
    const commands = scenario.commands
      .filter(({ workflow }) => workflow !== index)
      .map((each) => ({ ...each, workflow: each.workflow - (each.workflow > index ? 1 : 0) }));
    const workflows = scenario.workflows.toSpliced(index, 1);
    yield { ...scenario, workflows, commands };
  }
}

function* withoutEach<T>(list: readonly T[]): Iterable<readonly T[]> {
  for (let index = list.length - 1; index >= 0; index -= 1) yield list.toSpliced(index, 1);
}

function* smallerWorkflows(workflow: Workflow): Iterable<Workflow> {
  const { spec } = workflow;
  const templates = spec.templates ?? [];
  const used = reachable(spec, templates);
  if (used.length < templates.length) yield { ...workflow, spec: { ...spec, templates: used } };
  for (const { name = '' } of templates) {
    if (name !== spec.entrypoint) yield { ...workflow, spec: { ...spec, entrypoint: name } };
  }
  for (const field of [
    'onExit',
    'parallelism',
    'suspend',
    'retryStrategy',
    'hooks',
    'arguments',
    'synchronization',
  ]) {
    if (field in spec) yield { ...workflow, spec: without(spec, field) };
  }
  for (const [index, template] of templates.entries()) {
    for (const smaller of smallerTemplates(template)) {
      yield { ...workflow, spec: { ...spec, templates: templates.with(index, smaller) } };
    }
  }
}

const TEMPLATE_FIELDS = [
  'parallelism',
  'failFast',
  'retryStrategy',
  'outputs',
  'timeout',
  'activeDeadlineSeconds',
  'daemon',
  'synchronization',
];

// eslint-disable-next-line complexity -- each way to make a template smaller
function* smallerTemplates(template: Template): Iterable<Template> {
  for (const field of TEMPLATE_FIELDS) {
    if (field in template) yield without(template, field);
  }
  const { steps, dag } = template;
  for (const [index, group] of (steps ?? []).entries()) {
    const lists: Iterable<readonly WorkflowStep[]> = smallerCalls(group);
    for (const smaller of lists) {
      const groups =
        smaller.length === 0 ? steps?.toSpliced(index, 1) : steps?.with(index, smaller);
      if (groups !== undefined && groups.length > 0) yield { ...template, steps: groups };
    }
  }
  if (dag === undefined) return;
  if (dag.target !== undefined) yield { ...template, dag: without(dag, 'target') };
  const lists: Iterable<readonly DAGTask[]> = smallerCalls(dag.tasks ?? []);
  for (const tasks of lists) if (tasks.length > 0) yield { ...template, dag: { ...dag, tasks } };
}

const CALL_FIELDS = ['withItems', 'withParam', 'withSequence', 'when', 'continueOn', 'hooks'];
const ORDER_FIELDS = ['depends', 'dependencies'];

function* smallerCalls<T extends WorkflowStep | DAGTask>(
  calls: readonly T[],
): Iterable<readonly T[]> {
  for (const [index, call] of calls.entries()) {
    yield calls.toSpliced(index, 1);
    for (const field of [...CALL_FIELDS, ...ORDER_FIELDS]) {
      if (field in call) yield calls.with(index, without(call, field));
    }
    if (call.hooks?.['exit'] !== undefined && Object.keys(call.hooks).length > 1) {
      yield calls.with(index, { ...call, hooks: without(call.hooks, 'exit') });
    }
  }
}

/** Templates that the entrypoint, the exit handler and the hooks lead to. */
function reachable(spec: Workflow['spec'], templates: readonly Template[]): readonly Template[] {
  const text = JSON.stringify({ ...spec, templates: undefined });
  const found = new Set<string>();
  const byName = new Map(templates.map((template) => [template.name ?? '', template]));
  const visit = (json: string): void => {
    for (const [name, template] of byName) {
      if (found.has(name) || !json.includes(`"${name}"`)) continue;
      found.add(name);
      visit(JSON.stringify({ ...template, name: undefined }));
    }
  };
  visit(text);
  return templates.filter(({ name = '' }) => found.has(name));
}

function without<T extends object>(object: T, field: string): T {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== field)) as T;
}
