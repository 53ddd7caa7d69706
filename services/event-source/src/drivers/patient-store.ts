import { ArgosyError, type ErrorCode } from '@argosy/base';
import { pause } from '@argosy/shell';
import type { DriverContext, EventToEmit } from './driver.ts';
import type { Trouble } from './trouble.ts';

/** How it went with an event that waits for the bus as long as it takes. */
export type PatientOutcome =
  /** It is stored, or the user's filter dropped it: the origin may be told. */
  | { readonly kind: 'Stored' }
  /** The bus will never take it, as when it is too large; counted and logged. */
  | { readonly kind: 'Impossible'; readonly reason: string }
  /** The driver stops and the event is not stored: the origin must not be told. */
  | { readonly kind: 'Stopped' };

/** Wait before an event is tried again: doubles from the first to the second. */
const RETRY_MS_MIN = 200;
const RETRY_MS_MAX = 10_000;

/** The event itself is what is wrong, unless the error says that waiting helps. */
const HOPELESS: ReadonlySet<ErrorCode> = new Set(['INVALID_ARGUMENT', 'RESOURCE_EXHAUSTED']);

/**
 * Stores one event however long the bus is away, so that what follows it waits its turn.
 * @param scope.signal ends the waiting between tries; a try that is under way comes to its end.
 */
export async function storePatiently(
  event: EventToEmit,
  scope: {
    readonly context: DriverContext;
    readonly trouble: Trouble;
    readonly signal: AbortSignal;
  },
): Promise<PatientOutcome> {
  const { context, trouble, signal } = scope;
  for (let waitMs = RETRY_MS_MIN; ; waitMs = Math.min(waitMs * 2, RETRY_MS_MAX)) {
    try {
      await context.emit(event);
      trouble.tell('bus', undefined);
      return { kind: 'Stored' };
    } catch (error) {
      const { code, message, retry } = ArgosyError.fromUnknown(error);
      if (HOPELESS.has(code) && retry === 'never') {
        refuseMessage(context, `it cannot be stored: ${message}`);
        return { kind: 'Impossible', reason: message };
      }
      trouble.tell('bus', `an event is not stored: ${message}`);
    }
    await pause(waitMs, signal);
    if (signal.aborted) return { kind: 'Stopped' };
  }
}

/** Counts and logs a message that cannot become an event. */
export function refuseMessage(context: DriverContext, reason: string): void {
  context.refused();
  context.logger.warn({ eventName: context.eventName, reason }, 'a message was refused');
}
