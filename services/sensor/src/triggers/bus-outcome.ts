import { assertNever, ArgosyError } from '@argosy/base';
import type { TriggerOutcome } from './trigger.ts';

/** What an error of the bus means for a trigger: whose fault it is and whether another attempt helps. */
export function outcomeOfBusError(thrown: unknown): TriggerOutcome {
  const { code, message: reason } = ArgosyError.fromUnknown(thrown);
  switch (code) {
    case 'UNAVAILABLE':
    case 'DEADLINE_EXCEEDED':
    case 'CANCELLED':
      return { kind: 'BusAway', reason };
    case 'RESOURCE_EXHAUSTED':
    case 'INVALID_ARGUMENT':
    case 'ALREADY_EXISTS':
      return { kind: 'Refused', reason };
    case 'CONFLICT':
    case 'FAILED_PRECONDITION':
    case 'INTERNAL':
    case 'NOT_FOUND':
    case 'PERMISSION_DENIED':
    case 'UNAUTHENTICATED':
    case 'UNIMPLEMENTED':
      return { kind: 'Failed', reason };
    default:
      return assertNever(code);
  }
}
