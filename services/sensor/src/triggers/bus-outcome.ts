import { ArgosyError, type ErrorCode } from '@argosy/base';
import type { TriggerOutcome } from './trigger.ts';

/** The bus does not answer now; the trigger is not to blame. */
const AWAY: ReadonlySet<ErrorCode> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED']);
/** The message itself is what is wrong; sending it again cannot help. */
const HOPELESS: ReadonlySet<ErrorCode> = new Set(['RESOURCE_EXHAUSTED', 'INVALID_ARGUMENT']);

/** What an error of the bus means for a trigger: whose fault it is and whether another attempt helps. */
export function outcomeOfBusError(thrown: unknown): TriggerOutcome {
  const { code, message: reason } = ArgosyError.fromUnknown(thrown);
  if (AWAY.has(code)) return { kind: 'BusAway', reason };
  return { kind: HOPELESS.has(code) ? 'Refused' : 'Failed', reason };
}
