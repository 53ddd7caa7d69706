import type { NodeStatus, Template, Workflow, WorkflowSpec } from '@argosy/model';
import { workflowMachine } from '../machine.ts';
import { renderWorkflow } from '../render/workflow.ts';
import { snapshotText, stateFromSnapshot } from '../snapshot/snapshot.ts';
import type { RunState } from '../state.ts';
import { headerOf } from './header.ts';
import {
  simulateRun,
  type Simulation,
  type SimulationOptions,
  type TaskOutcome,
} from './simulate.ts';
import type { Task } from '../effect.ts';

/** A workflow named `wf` whose entrypoint is `main`. */
export function workflowOf(
  templates: readonly Template[],
  spec: Partial<WorkflowSpec> = {},
): Workflow {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name: 'wf' },
    spec: { entrypoint: 'main', templates, ...spec },
  };
}

/** A container template; each named input becomes an argument of its command. */
export function leafOf(
  name: string,
  inputs: readonly string[] = [],
  more: Template = {},
): Template {
  return {
    name,
    ...(inputs.length === 0
      ? {}
      : { inputs: { parameters: inputs.map((each) => ({ name: each })) } }),
    container: {
      image: 'busybox',
      command: ['echo'],
      args: inputs.map((each) => `{{inputs.parameters.${each}}}`),
    },
    ...more,
  };
}

export interface Played extends Simulation {
  readonly workflow: Workflow;
  /** `displayName` → `type phase`, with the message if there is one. */
  readonly nodes: Readonly<Record<string, string>>;
  /** `displayName` → arguments of the task. */
  readonly args: Readonly<Record<string, readonly string[]>>;
  node(displayName: string): NodeStatus;
}

/** How tasks end, by display name; the others succeed at once. */
export type Outcomes = Readonly<Record<string, TaskOutcome>> | ((task: Task) => TaskOutcome);

/**
 * Simulates a run and checks on the way that its facts alone, and snapshots with the facts after them, lead to the same
 * workflow.
 * @throws Error when they do not.
 */
export function play(
  workflow: Workflow,
  outcomes: Outcomes = {},
  options: SimulationOptions = {},
): Played {
  const outcomeOf =
    typeof outcomes === 'function'
      ? outcomes
      : (task: Task): TaskOutcome => outcomes[task.displayName] ?? {};
  const simulation = simulateRun(headerOf(workflow), outcomeOf, options);
  const rendered = renderWorkflow(simulation.state);
  assertReplays(simulation, rendered);
  assertSnapshots(simulation, rendered);
  const nodes = Object.values(rendered.status?.nodes ?? {});
  return {
    ...simulation,
    workflow: rendered,
    nodes: Object.fromEntries(nodes.map((node) => [node.displayName ?? '', shown(node)])),
    args: Object.fromEntries(
      simulation.tasks.map((task) => [task.displayName, task.template.container?.args ?? []]),
    ),
    node: (displayName) => {
      const found = nodes.find((node) => node.displayName === displayName);
      if (found === undefined) throw new Error(`no node is shown as ${displayName}`);
      return found;
    },
  };
}

function assertReplays(simulation: Simulation, rendered: Workflow): void {
  let state = workflowMachine.initial();
  for (const fact of simulation.facts) state = workflowMachine.evolve(state, fact);
  if (JSON.stringify(renderWorkflow(state)) === JSON.stringify(rendered)) return;
  throw new Error('folding the facts again leads to another workflow');
}

/** Places of a history at which a snapshot is tried; all of them when there are no more facts than that. */
const SNAPSHOTS_MAX = 24;

/** A state that was kept as text and went on with the later facts is the state of all facts. */
function assertSnapshots({ facts }: Simulation, rendered: Workflow): void {
  const expected = JSON.stringify(rendered);
  const stride = Math.max(1, Math.ceil(facts.length / SNAPSHOTS_MAX));
  let state = workflowMachine.initial();
  facts.forEach((fact, index) => {
    state = workflowMachine.evolve(state, fact);
    if (index % stride !== 0) return;
    let later = snapshotCopy(state);
    for (const next of facts.slice(index + 1)) later = workflowMachine.evolve(later, next);
    if (JSON.stringify(renderWorkflow(later)) === expected) return;
    throw new Error(`a snapshot after fact ${index} (${fact.kind}) leads to another workflow`);
  });
}

/** What the text of a snapshot says. */
export function snapshotData(state: RunState): unknown {
  return JSON.parse([...snapshotText(state)].join(''));
}

/** The state as it comes back from a snapshot. @throws Error when it does not. */
export function snapshotCopy(state: RunState): RunState {
  const copy = stateFromSnapshot(snapshotData(state));
  if (!copy.ok) throw new Error(copy.error);
  return copy.value;
}

function shown(node: NodeStatus): string {
  const message = node.message === undefined ? '' : `: ${node.message}`;
  return `${node.type} ${node.phase ?? ''}${message}`;
}
