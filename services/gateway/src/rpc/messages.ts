import type { WorkflowFilter, WorkflowNodeSchema, WorkflowSummarySchema } from '@argosy/api';
import type { RunSummary } from '@argosy/core-workflow';
import {
  formatProblem,
  type NodeStatus,
  type Parameter,
  type Problem,
  type Workflow,
} from '@argosy/model';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs, timestampMs, type Timestamp } from '@bufbuild/protobuf/wkt';
import { WATCH_NODES_MAX } from '../config.ts';
import { podNameOf } from '../logs/run-logs.ts';
import { differenceOf, piecesOf, wholeOf } from '../runs/run-changes.ts';
import type { RunFilter } from '../runs/run-filter.ts';
import { labelsOf } from '../runs/run-filter.ts';
import type { RunObject } from '../runs/run-objects.ts';
import { jsonBytes } from '../text.ts';

// Messages are made from these by `create`, which passes by fields that are undefined; only their types do not
// say so.

export type SummaryMessage = MessageInitShape<typeof WorkflowSummarySchema>;
export type NodeMessage = MessageInitShape<typeof WorkflowNodeSchema>;

/** A time of a manifest; absent and unreadable ones are left out. */
function timestampOf(text: string | null | undefined): Timestamp | undefined {
  const atMs = text === undefined || text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(atMs) ? undefined : timestampFromMs(atMs);
}

export function millisecondsOf(timestamp: Timestamp | undefined): number | undefined {
  return timestamp === undefined ? undefined : timestampMs(timestamp);
}

export function summaryMessage(summary: RunSummary): SummaryMessage {
  const { uid, name, namespace, phase, message, progress } = summary;
  return {
    uid,
    name,
    namespace,
    phase,
    message,
    progress,
    createdAt: timestampOf(summary.createdAt),
    startedAt: timestampOf(summary.startedAt),
    finishedAt: timestampOf(summary.finishedAt),
    labels: { ...labelsOf(summary) },
    annotations: { ...summary.annotations },
    entrypoint: summary.entrypoint ?? '',
    suspended: summary.suspended ?? false,
    priority: summary.priority ?? 0,
  } as SummaryMessage;
}

/** A run with its nodes; the whole object as JSON only where it was asked for. */
export function workflowMessage(run: RunObject, hasJson: boolean) {
  const nodes = Object.values(run.workflow.status?.nodes ?? {});
  return {
    summary: summaryMessage(run.summary),
    nodes: nodes.map((node) => nodeMessage(run.workflow, node)),
    workflowJson: hasJson ? jsonBytes(run.workflow) : new Uint8Array(),
  };
}

/** All of a run, or what has changed since it was sent last: messages of few enough nodes each. */
export function* changeMessages(run: RunObject, before: RunObject | undefined, hasJson: boolean) {
  const { workflow } = run;
  const difference =
    before === undefined ? wholeOf(workflow) : differenceOf(before.workflow, workflow);
  let isChange = before !== undefined;
  for (const piece of piecesOf(difference, WATCH_NODES_MAX)) {
    yield {
      workflow: {
        summary: summaryMessage(run.summary),
        nodes: piece.nodes.map((node) => nodeMessage(workflow, node)),
        workflowJson: hasJson ? jsonBytes(piece.workflow) : new Uint8Array(),
      },
      isChange,
      removedNodeIds: [...piece.removed],
    };
    isChange = true;
  }
}

function nodeMessage(workflow: Workflow, node: NodeStatus): NodeMessage {
  const { id, name, type, displayName = name, templateName = node.templateRef?.template } = node;
  return {
    id,
    name,
    type,
    displayName,
    templateName,
    phase: node.phase,
    message: node.message,
    startedAt: timestampOf(node.startedAt),
    finishedAt: timestampOf(node.finishedAt),
    progress: node.progress,
    boundaryId: node.boundaryID,
    children: node.children,
    outboundNodes: node.outboundNodes,
    hostNodeName: node.hostNodeName,
    inputParameters: valuesOf(node.inputs?.parameters),
    outputParameters: valuesOf(node.outputs?.parameters),
    result: node.outputs?.result,
    exitCode: node.outputs?.exitCode,
    retried: node.nodeFlag?.retried,
    hooked: node.nodeFlag?.hooked,
    podName: type === 'Pod' ? podNameOf(workflow, node) : undefined,
  } as NodeMessage;
}

function valuesOf(parameters: readonly Parameter[] = []): { name: string; value: string }[] {
  return parameters.map(({ name, value = '' }) => ({ name, value }));
}

export function problemMessage(problem: Problem) {
  const { message, path, severity, file = '', line = 0, column = 0 } = problem;
  return { message, path, severity, file, line, column, text: formatProblem(problem) };
}

export function runFilter(namespace: string, filter: WorkflowFilter | undefined): RunFilter {
  if (filter === undefined) return { namespace };
  const createdAfterMs = millisecondsOf(filter.createdAfter);
  const finishedBeforeMs = millisecondsOf(filter.finishedBefore);
  return {
    namespace,
    labelSelector: filter.labelSelector,
    phases: filter.phases,
    namePrefix: filter.namePrefix,
    nameContains: filter.nameContains,
    ...(createdAfterMs === undefined ? {} : { createdAfterMs }),
    ...(finishedBeforeMs === undefined ? {} : { finishedBeforeMs }),
  };
}
