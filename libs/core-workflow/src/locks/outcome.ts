import { lockName, waitingMessage } from './lock-key.ts';
import type { LockOutcome, LockRequest } from './messages.ts';
import { lockRecordOf, positionIn, type LockRecord, type LockState } from './state.ts';

/** Holders that a waiting outcome names. */
export const HELD_BY_MAX = 16;

/** What a holder is to be told; undefined when it is not known, or waits for a limit that is being looked up. */
export function outcomeOf(state: LockState, holder: string): LockOutcome | undefined {
  const record = state.requests.get(holder);
  switch (record?.standing) {
    case undefined:
      return undefined;
    case 'Holding':
      return { kind: 'Granted' };
    case 'Refused':
      return { kind: 'Refused', message: record.message };
    case 'Queued':
      return waitingOutcome(state, record.request);
  }
}

function waitingOutcome(state: LockState, request: LockRequest): LockOutcome | undefined {
  const records = request.locks.map((lock) => lockRecordOf(state, lock));
  if (records.some(({ limit }) => limit === undefined)) return undefined;
  const record = records.find((candidate) => !hasPlaceFor(candidate, request)) ?? records[0];
  if (record === undefined) return undefined;
  const limit = record.limit ?? 0;
  const name = lockName(record.lock);
  const message =
    limit === 0
      ? `Failed to get semaphore limit for ${name}`
      : waitingMessage(record.lock, { limit, held: record.holders.size });
  return { kind: 'Waiting', message, lock: name, heldBy: heldBy(state, record) };
}

/** The request is near enough to the front of the queue for the places that are free. */
export function hasPlaceFor(record: LockRecord, request: LockRequest): boolean {
  const free = (record.limit ?? 0) - record.holders.size;
  return positionIn(record.queue, request) < free;
}

function heldBy(state: LockState, record: LockRecord): readonly string[] {
  const names: string[] = [];
  for (const holder of record.holders) {
    const request = state.requests.get(holder)?.request;
    if (request !== undefined) names.push(argoHolder(request));
    if (names.length === HELD_BY_MAX) break;
  }
  return names;
}

/** Argo's name of a holder: `<ns>/<workflow>`, and the node's id for the locks of a template. */
export function argoHolder(request: LockRequest): string {
  const ofRun = `${request.namespace}/${request.workflow}`;
  return request.nodeId === undefined ? ofRun : `${ofRun}/${request.nodeId}`;
}
