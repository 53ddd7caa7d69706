import { logFilter, logSubject, STREAMS } from '@argosy/api';
import { fnv1a32 } from '@argosy/base';
import type { StoredMessage } from '@argosy/bus';
import { isFinished, renderWorkflow } from '@argosy/core-workflow';
import type { NodeStatus, Workflow } from '@argosy/model';
import { TAIL_LINES_MAX } from '../config.ts';
import { findRun, type RunTools } from '../runs/run-objects.ts';
import { createLineAssembler, type LogLine } from './log-lines.ts';

export interface LogRequest {
  readonly namespace: string;
  readonly name: string;
  /** Id, name, display name or pod name of a node; empty or absent: all nodes. */
  readonly node?: string;
  readonly container?: string;
  readonly follow?: boolean;
  /** 0 or absent: all lines. */
  readonly tailLines?: number;
  readonly sinceMs?: number;
  /** Only the lines for which it is true. */
  readonly accept?: (content: string) => boolean;
}

/** A line with the names of its node. */
export interface NamedLine extends LogLine {
  readonly displayName: string;
  readonly podName: string;
}

/**
 * The kept lines of a run, and with `follow` those to come until the run is finished. Memory: the
 * last lines asked for, and one unfinished line a stream.
 * @throws ArgosyError NOT_FOUND
 */
export async function* runLogs(
  tools: RunTools,
  request: LogRequest,
  signal: AbortSignal,
): AsyncIterable<NamedLine> {
  const run = await findRun(tools, request.namespace, request.name);
  const names = createNodeNames(tools, run.uid);
  const wanted = request.node ?? '';
  const nodeId = wanted === '' ? undefined : await names.idOf(wanted);
  const subject =
    nodeId === undefined
      ? logFilter(run.namespace, run.uid)
      : logSubject(run.namespace, run.uid, nodeId);
  const context: LogContext = { tools, request, subject, uid: run.uid, names, signal };
  const tail = Math.min(request.tailLines ?? 0, TAIL_LINES_MAX);
  let sequence = 0;
  const assembler = createLineAssembler();
  const kept: NamedLine[] = [];
  for await (const message of tools.bus.read(STREAMS.logs, subject, { signal })) {
    sequence = message.sequence;
    for await (const line of accepted(context, assembler.add(message))) {
      if (tail === 0) yield line;
      else if (kept.push(line) > tail) kept.shift();
    }
  }
  yield* kept;
  if (request.follow === true) {
    for await (const message of untilFinished(context, sequence)) {
      yield* accepted(context, assembler.add(message));
    }
  }
  yield* accepted(context, assembler.rest());
}

interface LogContext {
  readonly tools: RunTools;
  readonly request: LogRequest;
  readonly subject: string;
  readonly uid: string;
  readonly names: NodeNames;
  readonly signal: AbortSignal;
}

/** The lines that were asked for, with names. */
async function* accepted(context: LogContext, lines: readonly LogLine[]): AsyncIterable<NamedLine> {
  const { container = '', sinceMs, accept, node = '' } = context.request;
  for (const line of lines) {
    if (container !== '' && line.container !== container) continue;
    if (sinceMs !== undefined && line.timeMs < sinceMs) continue;
    if (accept !== undefined && !accept(line.content)) continue;
    const named = { ...line, ...(await context.names.of(line.nodeId)) };
    if (node !== '' && !isNamed(named, node)) continue;
    yield named;
  }
}

function isNamed(line: NamedLine, node: string): boolean {
  return [line.nodeId, line.displayName, line.podName].includes(node);
}

/**
 * New chunks until the run is finished. An executor stores a task's last lines before it reports the
 * task's end, so what is stored when the end is seen is all there is.
 */
async function* untilFinished(context: LogContext, after: number): AsyncIterable<StoredMessage> {
  const { tools, subject, uid, signal } = context;
  const leaving = new AbortController();
  const inner = AbortSignal.any([leaving.signal, signal]);
  const end = awaitEnd(tools, uid, inner).finally(() => {
    leaving.abort();
  });
  // Its failure is thrown below; until then it must not count as one that nobody handles.
  end.catch(() => undefined);
  let sequence = after;
  try {
    const options = { fromSequence: sequence + 1, follow: true, signal: inner };
    for await (const message of tools.bus.read(STREAMS.logs, subject, options)) {
      sequence = message.sequence;
      yield message;
    }
  } finally {
    leaving.abort();
  }
  if (signal.aborted) return;
  await end;
  yield* tools.bus.read(STREAMS.logs, subject, { fromSequence: sequence + 1, signal });
}

async function awaitEnd(tools: RunTools, uid: string, signal: AbortSignal): Promise<void> {
  for await (const { state } of tools.states.follow(uid, signal)) {
    if (isFinished(state)) return;
  }
}

interface NodeNames {
  of(nodeId: string): Promise<{ readonly displayName: string; readonly podName: string }>;
  /** The id of the node that has this id, name, display name or pod name, if it is one only. */
  idOf(text: string): Promise<string | undefined>;
}

/** Names of the nodes of one run; looked up again when an unknown node turns up. */
function createNodeNames(tools: RunTools, uid: string): NodeNames {
  const known = new Map<string, { displayName: string; podName: string }>();
  async function load(): Promise<readonly NodeStatus[]> {
    const { state, sequence } = await tools.states.current(uid);
    if (sequence === 0) return [];
    const workflow = renderWorkflow(state);
    const nodes = Object.values(workflow.status?.nodes ?? {});
    for (const node of nodes) {
      const podName = podNameOf(workflow, node);
      known.set(node.id, { displayName: node.displayName ?? node.name, podName });
    }
    return nodes;
  }
  return {
    async of(nodeId) {
      if (!known.has(nodeId)) await load();
      const names = known.get(nodeId) ?? { displayName: nodeId, podName: nodeId };
      known.set(nodeId, names);
      return names;
    },
    async idOf(text) {
      const nodes = await load();
      const found = nodes.filter(
        (node) =>
          node.id === text ||
          node.name === text ||
          node.displayName === text ||
          known.get(node.id)?.podName === text,
      );
      return found.length === 1 ? found[0]?.id : undefined;
    },
  };
}

/** Kubernetes' longest name, and what the hash takes of it. */
const POD_NAME_LENGTH_MAX = 253;
const POD_HASH_LENGTH = 11;

/** The name of a node's pod: `<workflow>-<template>-<hash>`, as in Argo since its version 3.3. */
export function podNameOf(workflow: Workflow, node: NodeStatus): string {
  const name = workflow.metadata.name ?? '';
  if (node.name === name) return name;
  const template = node.templateName ?? node.templateRef?.template ?? '';
  const prefix = template === '' ? name : `${name}-${template}`;
  return `${prefix.slice(0, POD_NAME_LENGTH_MAX - POD_HASH_LENGTH)}-${fnv1a32(node.name)}`;
}
