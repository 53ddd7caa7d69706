import { JetStreamApiError } from '@nats-io/jetstream';
import { ArgosyError } from '@argosy/base';
import { fromApiError } from './api-errors.ts';

const UNAVAILABLE_NAMES = new Set([
  'TimeoutError',
  'NoRespondersError',
  'RequestError',
  'ConnectionError',
  'ClosedConnectionError',
  'DrainingConnectionError',
  'JetStreamNotEnabled',
]);

/** Turns what the client library throws into the one error type. */
export function fromClientError(error: unknown, what: string): ArgosyError {
  if (error instanceof ArgosyError) return error;
  if (error instanceof JetStreamApiError) return fromApiError(error.apiError(), what);
  if (error instanceof Error && UNAVAILABLE_NAMES.has(error.name)) {
    return new ArgosyError('UNAVAILABLE', `${what}: ${error.message}`, { cause: error });
  }
  const why = error instanceof Error ? error.message : String(error);
  return new ArgosyError('INTERNAL', `${what}: ${why}`, { cause: error });
}
