// What some rules of workflows demand, said once more in the plainest words, so that a core that breaks them in the same way
// with and without faults is found out too.
import type { NodeCreatedFact } from '@argosy/core-workflow';
import type { Template, WorkflowSpec, WorkflowStep } from '@argosy/model';

/** The step, task or hook that a node came from. */
export type Call = WorkflowStep & { readonly dependencies?: readonly string[] };

export interface ModelNode {
  readonly index: number;
  readonly type: NodeCreatedFact['type'];
  readonly relation: NodeCreatedFact['relation'];
  readonly parent: number;
  readonly slot: number;
  readonly label: string;
  readonly boundary: number;
  readonly call: Call | undefined;
  readonly template: Template | undefined;
  phase: string;
  /** It waits for locks or for a place, and takes none. */
  isWaiting: boolean;
  isDropped: boolean;
  /** It counts as done for what encloses it though it runs. */
  isDaemoned: boolean;
}

export function isEnded(node: ModelNode | undefined): boolean {
  return node !== undefined && node.phase !== 'Pending' && node.phase !== 'Running';
}

/** A task is left out exactly when one of its `dependencies` did not end well enough. */
export function* problemsOfTask(nodes: readonly ModelNode[], node: ModelNode): Iterable<string> {
  const names = node.relation === 'task' ? node.call?.dependencies : undefined;
  const tasks = nodes[node.parent]?.template?.dag?.tasks ?? [];
  if (names === undefined) return;
  const failing = names.filter((name) => {
    const slot = tasks.findIndex((task) => task.name === name);
    const found = nodes.findLast((each) => {
      const isTask = each.relation === 'task' && each.parent === node.parent;
      return isTask && each.slot === slot && !each.isDropped;
    });
    return found === undefined || !letsOthersBegin(found);
  });
  const isOmitted = node.phase === 'Omitted';
  if (isOmitted === failing.length > 0) return;
  yield (
    `task ${node.call?.name ?? ''} is ${node.phase}, and of its dependencies ` +
    (failing.length === 0 ? 'all are well' : `${failing.join(', ')} is not`)
  );
}

function letsOthersBegin({ phase, isDaemoned, call }: ModelNode): boolean {
  if (phase === 'Succeeded' || phase === 'Skipped' || isDaemoned) return true;
  if (phase === 'Failed') return call?.continueOn?.failed === true;
  return phase === 'Error' && call?.continueOn?.error === true;
}

/** `limit: N` means N + 1 attempts, no more, and no fewer when they are used up. */
export function* problemsOfAttempts(
  nodes: readonly ModelNode[],
  node: ModelNode,
  message: string,
): Iterable<string> {
  if (node.type !== 'Retry' || message !== 'No more retries left') return;
  const limit = Number(node.template?.retryStrategy?.limit ?? NaN);
  if (!Number.isFinite(limit) || node.relation === 'root') return;
  const attempts = nodes.filter(
    (each) => each.relation === 'attempt' && each.parent === node.index,
  );
  const count = attempts.filter(({ isDropped }) => !isDropped).length;
  if (count !== limit + 1) yield `${count} attempts were made with limit ${limit}`;
}

/** A loop over a list makes one child for each item. */
export function* problemsOfLoop(node: ModelNode, slot: number, count: number): Iterable<string> {
  const steps = node.relation === 'group' ? node.call : undefined;
  const call = node.type === 'TaskGroup' ? node.call : steps;
  const items = call?.withItems;
  if (items === undefined || items.length === count) return;
  yield `the loop in slot ${slot} has ${count} rounds for ${items.length} items`;
}

/** The exit handler runs whenever the run was not terminated. */
export function* problemsOfExit(
  nodes: readonly ModelNode[],
  spec: WorkflowSpec,
  isTerminated: boolean,
): Iterable<string> {
  if (spec.onExit === undefined || isTerminated) return;
  const hasRun = nodes.some((node) => {
    return node.relation === 'runHook' && node.label === 'exit' && !node.isDropped;
  });
  if (!hasRun) yield `the exit handler ${spec.onExit} was passed over`;
}
