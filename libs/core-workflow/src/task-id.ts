import { contextOf, type NodeRecord, type RunState } from './state.ts';

/** Parts of a task id. */
export interface TaskIdentity {
  readonly uid: string;
  readonly node: number;
  readonly attempt: number;
}

/** The id of a leaf's task: `<uid>_<node index>_<attempt>`, one token on the bus. */
export function taskIdOf(state: RunState, node: NodeRecord): string {
  return `${contextOf(state).run.uid}_${node.index}_${attemptOf(node)}`;
}

/** Which attempt a leaf is, counted from 0. */
export function attemptOf(node: NodeRecord): number {
  return node.relation === 'attempt' ? node.slot : 0;
}

/** Reads a task id; undefined when it is none. */
export function parseTaskId(taskId: string): TaskIdentity | undefined {
  const match = /^(.+)_(\d{1,9})_(\d{1,9})$/.exec(taskId);
  if (match === null) return undefined;
  return { uid: match[1] ?? '', node: Number(match[2]), attempt: Number(match[3]) };
}
