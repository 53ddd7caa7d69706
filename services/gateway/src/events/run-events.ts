import { timeText } from '@argosy/base';
import type { HistoryEntry, RunSummary } from '@argosy/core-workflow';

/** A Kubernetes event about a run, as Argo's controller would record it. */
export interface RunEvent {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly involvedObject: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly message: string;
  readonly type: 'Normal' | 'Warning';
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly count: number;
  readonly source: { readonly component: string };
}

/** Makes events of the history of one run, entry after entry from the first on. */
export interface RunEventWriter {
  /** None for what Argo records no event of. */
  describe(entry: HistoryEntry): readonly RunEvent[];
}

interface Told {
  readonly reason: string;
  readonly message: string;
}

/** Phases of nodes that Argo records. */
const NODE_PHASES = new Set(['Running', 'Succeeded', 'Failed', 'Error']);

export function createRunEventWriter(run: RunSummary): RunEventWriter {
  const phases = new Map<string, string>();
  const state = { isTimedOut: false };
  return {
    describe(entry) {
      if (entry.kind === 'RunDeadlineReached') state.isTimedOut = true;
      // A task that ends at once is reported only as finished: that it ran is told all the same.
      const began = hasRunUnseen(entry, phases) ? { ...entry, phase: 'Running' } : undefined;
      return [began, entry].flatMap((each) => {
        if (each === undefined) return [];
        const told = each.node === undefined ? toldOfRun(each, state) : toldOfNode(each, phases);
        return told === undefined ? [] : eventOf(run, each, told);
      });
    },
  };
}

/** A leaf that was finished by its task's report, and of which nothing was heard before. */
function hasRunUnseen(
  { kind, what, node }: HistoryEntry,
  phases: ReadonlyMap<string, string>,
): boolean {
  const isFinished = kind === 'NodeFinished' && what === 'finished';
  return isFinished && node !== undefined && phases.get(node.id) === 'Pending';
}

function toldOfRun(entry: HistoryEntry, state: { readonly isTimedOut: boolean }): Told | undefined {
  if (entry.kind === 'RunStarted' || entry.kind === 'RunRetried') {
    return { reason: 'WorkflowRunning', message: 'Workflow Running' };
  }
  if (entry.kind !== 'RunFinished') return undefined;
  if (entry.phase === 'Succeeded') {
    return { reason: 'WorkflowSucceeded', message: 'Workflow completed' };
  }
  const reason = state.isTimedOut ? 'WorkflowTimedOut' : 'WorkflowFailed';
  return { reason, message: entry.message };
}

function toldOfNode(entry: HistoryEntry, phases: Map<string, string>): Told | undefined {
  const { node, phase, message } = entry;
  if (node === undefined || phase === '' || phases.get(node.id) === phase) return undefined;
  phases.set(node.id, phase);
  if (!NODE_PHASES.has(phase)) return undefined;
  const suffix = message === '' || phase === 'Running' ? '' : `: ${message}`;
  return { reason: `WorkflowNode${phase}`, message: `${phase} node ${node.name}${suffix}` };
}

const NORMAL = /^Workflow(Node)?(Running|Succeeded)$/;

function eventOf(run: RunSummary, { at, sequence, node }: HistoryEntry, told: Told): RunEvent {
  const { name, namespace, uid } = run;
  const time = timeText(at);
  const annotations =
    node === undefined
      ? {}
      : {
          'workflows.argoproj.io/node-id': node.id,
          'workflows.argoproj.io/node-name': node.name,
          'workflows.argoproj.io/node-type': node.type,
        };
  return {
    metadata: {
      name: `${name}.${sequence.toString(16)}${told.reason.endsWith('Running') ? 'a' : ''}`,
      namespace,
      ...(node === undefined ? {} : { annotations }),
    },
    involvedObject: {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Workflow',
      namespace,
      name,
      uid,
    },
    ...told,
    type: NORMAL.test(told.reason) ? 'Normal' : 'Warning',
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    source: { component: 'workflow-controller' },
  };
}
