import { ArgosyError } from '@argosy/base';
import type { ErrorCode } from '@argosy/base';

/** An error in an answer of JetStream. */
export interface ApiError {
  /** Like a HTTP status. */
  readonly code: number;
  /** What exactly: https://github.com/nats-io/nats-server/blob/main/server/errors.json */
  readonly err_code?: number;
  readonly description?: string;
}

export const API_ERROR = {
  consumerNotFound: 10014,
  consumerNameInUse: 10013,
  streamNotFound: 10059,
  streamNameInUse: 10058,
  noMessageFound: 10037,
  wrongLastSequence: 10071,
  wrongLastSequenceUnknown: 10164,
  storeFailed: 10077,
  messageTooLarge: 10054,
  insufficientStorage: 10047,
  insufficientResources: 10023,
  consumerExists: 10148,
} as const;

const CODES: Readonly<Record<number, ErrorCode>> = {
  [API_ERROR.consumerNotFound]: 'NOT_FOUND',
  [API_ERROR.streamNotFound]: 'NOT_FOUND',
  [API_ERROR.noMessageFound]: 'NOT_FOUND',
  [API_ERROR.consumerNameInUse]: 'ALREADY_EXISTS',
  [API_ERROR.consumerExists]: 'ALREADY_EXISTS',
  [API_ERROR.streamNameInUse]: 'ALREADY_EXISTS',
  [API_ERROR.wrongLastSequence]: 'CONFLICT',
  [API_ERROR.wrongLastSequenceUnknown]: 'CONFLICT',
  [API_ERROR.storeFailed]: 'RESOURCE_EXHAUSTED',
  [API_ERROR.messageTooLarge]: 'RESOURCE_EXHAUSTED',
  [API_ERROR.insufficientStorage]: 'RESOURCE_EXHAUSTED',
  [API_ERROR.insufficientResources]: 'RESOURCE_EXHAUSTED',
};

/** Limits of the server that pass when room is made; the others are the message's own fault. */
const PASSING = new Set<number | undefined>([
  API_ERROR.storeFailed,
  API_ERROR.insufficientStorage,
  API_ERROR.insufficientResources,
]);

const UNAVAILABLE_STATUS = 503;
const BAD_REQUEST_STATUS = 400;
const NOT_FOUND_STATUS = 404;

/** The one error type for what JetStream answers; `what` says what was asked. */
export function fromApiError(error: ApiError, what: string): ArgosyError {
  const reason = error.description ?? `error ${error.err_code ?? error.code}`;
  const advice = PASSING.has(error.err_code) ? ({ retry: 'backoff' } as const) : {};
  return new ArgosyError(codeOf(error), `${what}: ${reason}`, { cause: error, ...advice });
}

function codeOf(error: ApiError): ErrorCode {
  const known = CODES[error.err_code ?? 0];
  if (known !== undefined) return known;
  if (error.code === UNAVAILABLE_STATUS) return 'UNAVAILABLE';
  if (error.code === NOT_FOUND_STATUS) return 'NOT_FOUND';
  if (error.code === BAD_REQUEST_STATUS) return 'FAILED_PRECONDITION';
  return 'INTERNAL';
}

/** Whether a work queue refused a message because it holds one of that subject. */
export function isHeldAlready(error: ApiError): boolean {
  return (
    error.err_code === API_ERROR.storeFailed &&
    error.description?.includes('maximum messages per subject') === true
  );
}

/** Whether a message was refused because another was last on its subject. */
export function isConflict(error: ApiError): boolean {
  return CODES[error.err_code ?? 0] === 'CONFLICT';
}
