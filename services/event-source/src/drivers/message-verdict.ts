import type { Result } from '@argosy/base';
import type { DriverContext, EventToEmit } from './driver.ts';
import { refuseMessage, storePatiently } from './patient-store.ts';
import type { Trouble } from './trouble.ts';

/** What is to become of a message that a broker lent. */
export type MessageVerdict =
  /** It is safe; the broker may forget it. */
  | 'Acknowledge'
  /** It can never be an event: the broker's dead letters have it, or nobody. */
  | 'Reject'
  /** It was not to be waited for any longer: the broker is to deliver it again. */
  | 'Leave';

/** Stores the event of a message, or says why the message gets none. @param scope.signal ends the waiting */
export async function messageVerdict(
  event: Result<EventToEmit, string>,
  scope: {
    readonly context: DriverContext;
    readonly trouble: Trouble;
    readonly signal: AbortSignal;
  },
): Promise<MessageVerdict> {
  if (!event.ok) {
    refuseMessage(scope.context, event.error);
    return 'Reject';
  }
  const { kind } = await storePatiently(event.value, scope);
  if (kind === 'Stopped') return 'Leave';
  return kind === 'Stored' ? 'Acknowledge' : 'Reject';
}
