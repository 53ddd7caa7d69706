import type { Bus } from '@argosy/bus';
import type { Connection } from '@argosy/cli';
import type { Workflow } from '@argosy/model';
import type { ConformanceContext } from '../adapter.ts';

/** Longer than the slowest example sleeps: five steps of 50 s, one after the other under a mutex. */
const RUN_TIMEOUT_MS = 300_000;

/** What a case is run on. */
export interface Line extends ConformanceContext {
  readonly connection: Connection;
  /** What creates objects without the gateway speaks to it. */
  readonly bus: Bus;
}

/** One run. */
export interface Target {
  readonly namespace: string;
  readonly name: string;
}

/** The run as it is now. */
export async function get({ connection }: Line, target: Target): Promise<Workflow> {
  const { workflow } = await connection.workflows.getWorkflow(target);
  const text = new TextDecoder().decode(workflow?.workflowJson);
  return JSON.parse(text) as Workflow;
}

/** The run at its end. */
export async function finished(line: Line, target: Target): Promise<Workflow> {
  const stream = line.connection.workflows.watchWorkflow(
    { ...target, includeJson: true },
    { signal: AbortSignal.any([line.signal, AbortSignal.timeout(RUN_TIMEOUT_MS)]) },
  );
  let last: Workflow | undefined;
  for await (const { workflow } of stream) {
    last = JSON.parse(new TextDecoder().decode(workflow?.workflowJson)) as Workflow;
  }
  if (last === undefined) throw new Error(`${target.name} was not found`);
  return last;
}
