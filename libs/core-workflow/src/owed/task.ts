import type { Task } from '../effect.ts';
import { callOf, namesOf, planOf, type NodeNames } from '../names.ts';
import { withValue } from '../decide/inputs.ts';
import { renderTagged } from '../plan/tagged.ts';
import { bodyOf, type TemplatePlan } from '../plan/template.ts';
import type { Inputs, Template } from '@argosy/model';
import { attemptLocals } from '../scope/retry-variables.ts';
import { createScope } from '../scope/variables.ts';
import { contextOf, type NodeRecord, type RunState } from '../state.ts';
import { attemptOf, taskIdOf } from '../task-id.ts';

const SECOND_MS = 1_000;

/** The task of a leaf, made from the state when it is handed out; the same again after a crash. */
export function taskOf(state: RunState, node: NodeRecord): Task {
  const { run } = contextOf(state);
  const plan = planOf(state, node);
  if (plan === undefined) throw new Error(`leaf node ${node.index} has no template`);
  const names = namesOf(state, node);
  const task: Task = {
    taskId: taskIdOf(state, node),
    uid: run.uid,
    namespace: run.namespace,
    workflow: run.name,
    nodeId: names.id,
    nodeName: names.name,
    displayName: names.displayName,
    podName: names.podName,
    templateName: plan.name,
    attempt: attemptOf(node),
    template: renderBody(state, node, { plan, names }),
    captureResult: capturesResult(state, node, plan),
    priority: run.spec.priority ?? 0,
  };
  const deadlineAtMs = deadlineOf(state, node);
  return deadlineAtMs === 0 ? task : { ...task, deadlineAtMs };
}

/** The template with every tag replaced that has a value; unknown tags stay as they are. */
export function resolvedTemplate(state: RunState, node: NodeRecord, plan: TemplatePlan): Template {
  return renderBody(state, node, { plan, names: namesOf(state, node) });
}

function renderBody(
  state: RunState,
  node: NodeRecord,
  known: { readonly plan: TemplatePlan; readonly names: NodeNames },
): Template {
  const { plan, names } = known;
  const scope = createScope({
    state,
    inputs: { plan, parameters: node.parameters, artifacts: node.artifacts },
    locals: localsOf(state, node, names),
  });
  const rendered = renderTagged(bodyOf(plan), scope);
  const body = (rendered.ok ? rendered.value : plan.template) as Template;
  const inputs = inputsOf(plan, node);
  return inputs === undefined ? body : { ...body, inputs };
}

/** Declared inputs with their values; undefined when the template declares none. */
export function inputsOf(plan: TemplatePlan, node: NodeRecord): Inputs | undefined {
  const { artifacts } = node;
  if (plan.inputs.length === 0) return artifacts.length === 0 ? undefined : { artifacts };
  const parameters = plan.inputs.map((input, index) =>
    withValue(input.parameter, node.parameters[index] ?? null),
  );
  return artifacts.length === 0 ? { parameters } : { parameters, artifacts };
}

function localsOf(
  state: RunState,
  node: NodeRecord,
  { name, podName }: NodeNames,
): Record<string, string> {
  const locals = { 'node.name': name, 'pod.name': podName };
  return node.relation === 'attempt' ? { ...locals, ...attemptLocals(state, node) } : locals;
}

/** The earlier of the leaf's own deadline and the run's; 0 for none. */
function deadlineOf(state: RunState, node: NodeRecord): number {
  const seconds = contextOf(state).run.spec.activeDeadlineSeconds;
  const ofRun = seconds === undefined || node.inExit ? 0 : state.startedAt + seconds * SECOND_MS;
  if (ofRun === 0 || node.until === 0) return ofRun + node.until;
  return Math.min(ofRun, node.until);
}

function capturesResult(state: RunState, node: NodeRecord, plan: TemplatePlan): boolean {
  if (callOf(state, node)?.captureResult === true) return true;
  return plan.nodeType !== 'Pod' || plan.template.data !== undefined;
}
