import { BUCKETS, factSubject, logFilter, runKey, snapshotSubject, STREAMS } from '@argosy/api';
import { ArgosyError, partitionOf } from '@argosy/base';
import type { ControlCommand, RunSummary } from '@argosy/core-workflow';
import type { Commands, Sender } from '../submission/commands.ts';
import { findRun, runEnded, runGone, type RunTools } from './run-objects.ts';

export interface ActionTools extends RunTools {
  readonly commands: Commands;
}

/** Names a run, and who asks. */
export interface RunRequest {
  readonly namespace: string;
  readonly name: string;
  readonly sender: Sender;
}

/**
 * Has the owner of a run carry out a command.
 * @throws ArgosyError NOT_FOUND; FAILED_PRECONDITION and others as the owner says; DEADLINE_EXCEEDED.
 */
export async function controlRun(
  tools: ActionTools,
  request: RunRequest,
  command: ControlCommand,
): Promise<RunSummary> {
  const summary = await findRun(tools, request.namespace, request.name);
  await tools.commands.control(summary.uid, command, request.sender);
  return (await tools.index.fetch(summary.namespace, summary.name)) ?? summary;
}

/**
 * Removes a run with its history and logs. A live one is terminated first, because its owner would
 * otherwise go on with it.
 * @throws ArgosyError NOT_FOUND; DEADLINE_EXCEEDED when a live run did not end in time.
 */
export async function deleteRun(tools: ActionTools, request: RunRequest): Promise<void> {
  const summary = await findRun(tools, request.namespace, request.name);
  const { uid, namespace, name } = summary;
  if (summary.finishedAt === undefined) await endRun(tools, summary, request.sender);
  const bucket = await tools.bus.keyValue(BUCKETS.runs);
  await bucket.delete(runKey(namespace, name));
  const partition = partitionOf(uid, tools.partitions);
  await tools.bus.purge(STREAMS.snapshots, snapshotSubject(partition, uid));
  await tools.bus.purge(STREAMS.facts, factSubject(partition, uid));
  await tools.bus.purge(STREAMS.logs, logFilter(namespace, uid));
  tools.states.forget(uid);
  await runGone(tools.index, summary);
}

async function endRun(tools: ActionTools, summary: RunSummary, sender: Sender): Promise<void> {
  try {
    await tools.commands.control(summary.uid, { kind: 'Terminate' }, sender);
  } catch (error) {
    // It ended meanwhile, or it never began: either way there is nothing left to end.
    const { code } = ArgosyError.fromUnknown(error);
    if (code === 'FAILED_PRECONDITION' || code === 'NOT_FOUND') return;
    throw error;
  }
  if (await runEnded(tools.index, summary)) return;
  const message =
    `Workflow "${summary.name}" is being terminated but has not ended yet: ` +
    'delete it again in a moment.';
  throw new ArgosyError('DEADLINE_EXCEEDED', message);
}
