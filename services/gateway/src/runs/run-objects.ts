import { commandSubject, decodeCommand, STREAMS } from '@argosy/api';
import { ArgosyError, partitionOf, timeText } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import { isFinished, summarize, type RunSummary } from '@argosy/core-workflow';
import type { Workflow, WorkflowStatus } from '@argosy/model';
import { DELETE_WAIT_MS, REGISTRY_CATCH_UP_MS } from '../config.ts';
import type { RunIndex } from './run-index.ts';
import { runOfUid } from './run-by-uid.ts';
import { latestRun } from './run-list.ts';
import { labelsOf } from './run-filter.ts';
import type { FoldedRun, RunStates } from './run-states.ts';

/** A run with its whole object. */
export interface RunObject {
  readonly summary: RunSummary;
  readonly workflow: Workflow;
  readonly isFinished: boolean;
}

/** What reading runs takes. */
export interface RunTools {
  readonly bus: Bus;
  readonly index: RunIndex;
  readonly states: RunStates;
  readonly partitions: number;
}

/** Stands for the newest run of a namespace. */
const LATEST = '@latest';

const UID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A run of a namespace by its name, `@latest` or its uid. @throws ArgosyError NOT_FOUND */
export async function findRun(
  tools: RunTools,
  namespace: string,
  name: string,
): Promise<RunSummary> {
  const found =
    name === LATEST
      ? latestRun(tools.index, namespace)
      : (tools.index.get(namespace, name) ?? (await tools.index.fetch(namespace, name)));
  const run = found ?? (UID.test(name) ? runOfUid(tools.index, name) : undefined);
  if (run?.namespace === namespace) return run;
  const what = name === LATEST ? 'No workflow was' : `Workflow "${name}" not`;
  throw new ArgosyError('NOT_FOUND', `${what} found in namespace "${namespace}".`);
}

/** A run as it is now. @throws ArgosyError NOT_FOUND */
export async function getRun(tools: RunTools, namespace: string, name: string): Promise<RunObject> {
  const summary = await findRun(tools, namespace, name);
  return runObject(tools, summary, await tools.states.current(summary.uid));
}

/** The object of a run; one that has not begun yet is shown as it was submitted. */
export async function runObject(
  tools: RunTools,
  summary: RunSummary,
  folded: FoldedRun,
): Promise<RunObject> {
  if (folded.sequence === 0) {
    const workflow = withSummary(await submittedManifest(tools, summary), summary);
    return { summary, workflow, isFinished: summary.finishedAt !== undefined };
  }
  const now = { ...summary, ...summarize(folded.state) };
  const rendered = folded.rendered();
  const labels = labelsOf(now);
  const workflow = { ...rendered, metadata: { ...rendered.metadata, labels } };
  return { summary: now, workflow, isFinished: isFinished(folded.state) };
}

/** The manifest as the submission stored it; without it (too old) a bare one. */
async function submittedManifest(tools: RunTools, summary: RunSummary): Promise<Workflow> {
  const { uid, name, namespace } = summary;
  const subject = commandSubject(partitionOf(uid, tools.partitions), uid, 'submit');
  const stored = await tools.bus.last(STREAMS.commands, subject);
  const command = stored === undefined ? undefined : decodeCommand(stored.event.data);
  if (command?.kind === 'Submit') return JSON.parse(command.submit.workflowJson) as Workflow;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name, namespace, uid },
    spec: {},
  };
}

/** The run's object as the index alone knows it: what lists show. */
export function summaryObject(summary: RunSummary): Workflow {
  const { uid, name, namespace, entrypoint, priority, suspended } = summary;
  const bare: Workflow = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name, namespace, uid },
    spec: {
      ...(entrypoint === undefined ? {} : { entrypoint }),
      ...(priority === undefined ? {} : { priority }),
      ...(suspended === true ? { suspend: true } : {}),
    },
  };
  return withSummary(bare, summary);
}

function withSummary(workflow: Workflow, summary: RunSummary): Workflow {
  const labels = labelsOf(summary);
  const annotations = summary.annotations ?? workflow.metadata.annotations;
  return {
    ...workflow,
    metadata: {
      ...workflow.metadata,
      creationTimestamp: timeText(Date.parse(summary.createdAt)),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    status: statusOf(summary),
  };
}

function statusOf(summary: RunSummary): WorkflowStatus {
  const { phase, message, progress } = summary;
  return {
    ...(phase === '' ? {} : { phase }),
    startedAt: summary.startedAt ?? null,
    finishedAt: summary.finishedAt ?? null,
    progress,
    ...(message === '' ? {} : { message }),
  };
}

/** Waits until this replica's index says that the run is finished or gone; false when it took too long. */
export function runEnded(
  index: RunIndex,
  run: RunSummary,
  timeoutMs = DELETE_WAIT_MS,
): Promise<boolean> {
  return indexShows(index, timeoutMs, () => {
    const now = index.get(run.namespace, run.name);
    return now?.uid !== run.uid || now.finishedAt !== undefined;
  });
}

/** Waits until this replica's index no longer has the run; false when it took too long. */
export function runGone(
  index: RunIndex,
  run: RunSummary,
  timeoutMs = REGISTRY_CATCH_UP_MS,
): Promise<boolean> {
  return indexShows(index, timeoutMs, () => index.get(run.namespace, run.name)?.uid !== run.uid);
}

async function indexShows(
  index: RunIndex,
  timeoutMs: number,
  isShown: () => boolean,
): Promise<boolean> {
  if (isShown()) return true;
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      stopListening();
      resolve(isShown());
    };
    const timer = setTimeout(finish, timeoutMs);
    const stopListening = index.onChange(() => {
      if (isShown()) finish();
    });
  });
}
