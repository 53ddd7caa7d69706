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

/** Reads a task id, from its end; undefined when it is none. */
export function parseTaskId(taskId: string): TaskIdentity | undefined {
  const beforeAttempt = startOfDigits(taskId, taskId.length) - 1;
  const beforeNode = startOfDigits(taskId, beforeAttempt) - 1;
  if (beforeNode < 1 || taskId[beforeNode] !== '_' || taskId[beforeAttempt] !== '_') {
    return undefined;
  }
  const node = numberIn(taskId, beforeNode + 1, beforeAttempt);
  const attempt = numberIn(taskId, beforeAttempt + 1, taskId.length);
  if (node < 0 || attempt < 0) return undefined;
  return { uid: taskId.slice(0, beforeNode), node, attempt };
}

/** Where the digits begin that end at a place; the place itself when there are none. */
function startOfDigits(text: string, end: number): number {
  let start = end;
  while (start > 0 && isDigit(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

const ZERO = 48;

function isDigit(code: number): boolean {
  return code >= ZERO && code <= ZERO + 9;
}

const DIGITS_MAX = 9;

/** The number between two places, all digits; -1 when it is empty or too long. */
function numberIn(text: string, start: number, end: number): number {
  if (end <= start || end - start > DIGITS_MAX) return -1;
  let number = 0;
  for (let index = start; index < end; index += 1) {
    number = number * 10 + text.charCodeAt(index) - ZERO;
  }
  return number;
}
