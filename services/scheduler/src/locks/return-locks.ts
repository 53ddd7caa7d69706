import type { LockCommand } from '@argosy/api';
import type { Refusal } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import type { Order } from '../order.ts';
import { sendLockCommands } from './lock-commands.ts';

/** Gives back locks that were granted to a run that is gone: nobody else would ever do it. */
export async function returnLocks(
  bus: Bus,
  orders: readonly Order[],
  refusals: ReadonlyMap<Order, Refusal>,
): Promise<void> {
  const unwanted = orders.flatMap((order): readonly LockCommand[] => {
    const isGone = refusals.get(order)?.code === 'NotFound';
    if (!isGone || order.kind !== 'Locks' || order.outcome.kind !== 'Granted') return [];
    return [{ kind: 'Release', holder: order.holder }];
  });
  await sendLockCommands(bus, unwanted);
}
