import { decodeCommand, type RunCommand, type Submit } from '@argosy/api';
import { ArgosyError, err, ok, type Result } from '@argosy/base';
import type { Delivery } from '@argosy/bus';
import type { ControlCommand, LockOutcome, MemoOutcome, TaskReport } from '@argosy/core-workflow';

/** A command as it was delivered, with the run that it is for. */
export type Order = { readonly uid: string; readonly delivery: Delivery } & (
  | { readonly kind: 'Submit'; readonly submit: Submit }
  | { readonly kind: 'Report'; readonly report: TaskReport }
  | { readonly kind: 'Control'; readonly command: ControlCommand }
  | { readonly kind: 'Locks'; readonly holder: string; readonly outcome: LockOutcome }
  | { readonly kind: 'Memo'; readonly node: number; readonly outcome: MemoOutcome }
);

/** Reads a delivery; the error is the reason to drop it: it would be as wrong the next time. */
export function decodeOrder(delivery: Delivery): Result<Order, string> {
  const uid = delivery.subject.split('.')[3];
  if (uid === undefined) return err(`the subject ${delivery.subject} names no run`);
  try {
    const command = decodeCommand(delivery.event.data);
    if (command === undefined) return err('the command is of a kind that this version lacks');
    return ok(orderOf(uid, delivery, command));
  } catch (thrown) {
    return err(`the command cannot be read: ${ArgosyError.fromUnknown(thrown).message}`);
  }
}

function orderOf(uid: string, delivery: Delivery, command: RunCommand): Order {
  switch (command.kind) {
    case 'Submit':
      return { uid, delivery, kind: 'Submit', submit: command.submit };
    case 'Report':
      return { uid, delivery, kind: 'Report', report: command.report };
    case 'Control':
      return { uid, delivery, kind: 'Control', command: command.command };
    case 'Locks':
      return { ...command, uid, delivery };
    case 'Memo':
      return { ...command, uid, delivery };
  }
}
