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
  const last = taskId.lastIndexOf('_');
  const middle = taskId.lastIndexOf('_', last - 1);
  if (middle < 1 || last <= middle) return undefined;
  const node = digits(taskId, middle + 1, last);
  const attempt = digits(taskId, last + 1, taskId.length);
  if (node < 0 || attempt < 0) return undefined;
  return { uid: taskId.slice(0, middle), node, attempt };
}

const DIGITS_MAX = 9;
const ZERO = 48;

/** The number between two places of a text; -1 when it is none. Every report of a task is read so. */
function digits(text: string, start: number, end: number): number {
  if (end <= start || end - start > DIGITS_MAX) return -1;
  let number = 0;
  for (let index = start; index < end; index += 1) {
    const digit = text.charCodeAt(index) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}
