import { randomUUID } from 'node:crypto';
import { commandSubject, encodeCommand, EVENT_TYPES, PROTOBUF_CONTENT_TYPE } from '@argosy/api';
import { partitionOf } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import type { LockOutcome } from '@argosy/core-workflow';

/** What a holder is told. */
export interface LockReport {
  readonly uid: string;
  readonly holder: string;
  readonly outcome: LockOutcome;
}

/** Tells runs what became of their locks, as commands; told twice they change nothing. */
export async function sendLockReports(
  bus: Bus,
  partitions: number,
  reports: Iterable<LockReport>,
): Promise<void> {
  const sending = Array.from(reports, ({ uid, holder, outcome }) => {
    const id = randomUUID();
    return bus.publish({
      subject: commandSubject(partitionOf(uid, partitions), uid, `locks-${id}`),
      event: {
        id,
        source: '/locks',
        type: EVENT_TYPES.workflowTold,
        datacontenttype: PROTOBUF_CONTENT_TYPE,
        data: encodeCommand({ kind: 'Locks', uid, holder, outcome }),
      },
    });
  });
  await Promise.all(sending);
}
