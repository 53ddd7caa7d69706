import type { GetLogsResponse } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Workflow } from '@argosy/model';
import type { Connection } from '../client/connection.ts';
import { updatedWorkflow } from '../client/watched-workflow.ts';
import { createRepainter, type Repainter } from '../view/repaint.ts';
import type { Style } from '../view/style.ts';
import { suspensionAdvice } from '../view/suspension.ts';
import { workflowView } from '../view/workflow-view.ts';
import { EXIT, type CommandContext } from './context.ts';

export interface FollowOptions {
  readonly name: string;
  readonly namespace: string;
  /** Print the log lines of all nodes above the tree. */
  readonly logs: boolean;
  /** Options of commands that lead to the run, as advice gives them. */
  readonly reach: string;
}

/** How often the durations on the screen move on. */
const REPAINT_INTERVAL_MS = 200;

/** Shows a run live until it ends; the exit code is its outcome: 0 only for Succeeded. */
export async function followWorkflow(
  context: CommandContext,
  connection: Connection,
  options: FollowOptions,
): Promise<number> {
  const repainter = createRepainter(context.stdout);
  // What others print would tear a tree that is repainted on the same terminal.
  const shared = context.stdout.isTTY === true && context.stderr.isTTY === true;
  const undivert = shared ? context.notices.divert((line) => repainter.print(line)) : undefined;
  const logs = options.logs ? printLogs(context, connection, { ...options, repainter }) : undefined;
  let workflow: Workflow | undefined;
  const paint = (): void => {
    if (workflow === undefined) return;
    repainter.show(workflowView(workflow, { nowMs: Date.now(), style: context.style }));
  };
  const timer = setInterval(paint, REPAINT_INTERVAL_MS);
  const advise = createAdvice(context, options.reach);
  try {
    const updates = connection.workflows.watchWorkflow(
      { namespace: options.namespace, name: options.name, includeJson: true, changesOnly: true },
      { signal: context.signal },
    );
    for await (const update of updates) {
      workflow = updatedWorkflow(workflow, update);
      advise(workflow);
      paint();
    }
    requireEnd(context, workflow, options.name);
    // The log stream ends by itself once the run is finished and its last line was sent.
    await logs;
    paint();
  } finally {
    clearInterval(timer);
    repainter.done();
    undivert?.();
  }
  return workflow?.status?.phase === 'Succeeded' ? EXIT.ok : EXIT.failed;
}

/**
 * A stream of updates that ends before its run does was interrupted, here or on the way.
 * @throws the reason of the interruption, or ArgosyError UNAVAILABLE.
 */
function requireEnd(context: CommandContext, workflow: Workflow | undefined, name: string): void {
  if (workflow?.status?.finishedAt) return;
  context.signal.throwIfAborted();
  throw new ArgosyError(
    'UNAVAILABLE',
    `the server ended the connection before ${name} ended: \`argosy watch ${name}\` goes on`,
  );
}

/** Says once of each thing that waits for somebody how to make it go on. */
function createAdvice(context: CommandContext, reach: string): (workflow: Workflow) => void {
  const said = new Set<string>();
  return (workflow) => {
    for (const advice of suspensionAdvice(workflow, reach)) {
      if (said.has(advice)) continue;
      said.add(advice);
      context.notices.print(advice);
    }
  };
}

async function printLogs(
  context: CommandContext,
  connection: Connection,
  options: FollowOptions & { readonly repainter: Repainter },
): Promise<void> {
  const { namespace, name, repainter } = options;
  try {
    const lines = connection.workflows.getLogs(
      { namespace, name, follow: true },
      { signal: context.signal },
    );
    for await (const line of lines) repainter.print(logLine(line, context.style));
  } catch (thrown) {
    const error = ArgosyError.fromUnknown(thrown);
    if (error.code !== 'CANCELLED') repainter.print(`logs: ${error.message}`);
  }
}

/** A line of a run's log: who wrote it, what. */
export function logLine(line: GetLogsResponse, style: Style): string {
  return `${style.bold(`${line.displayName}:`)} ${line.content}`;
}
