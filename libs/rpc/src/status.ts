import { ArgosyError, type ErrorCode, type RetryAdvice } from '@argosy/base';
import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { STATUS_MESSAGE_LENGTH_MAX } from './limits.ts';

/** Metadata key that carries an error's retry advice: `never`, `backoff` or milliseconds. */
const RETRY_KEY = 'argosy-retry';
/** Metadata key that carries the exact code where gRPC has only a near one. */
const CODE_KEY = 'argosy-code';

const STATUS_OF_CODE: Readonly<Record<ErrorCode, status>> = {
  CANCELLED: status.CANCELLED,
  CONFLICT: status.ABORTED,
  DEADLINE_EXCEEDED: status.DEADLINE_EXCEEDED,
  FAILED_PRECONDITION: status.FAILED_PRECONDITION,
  INTERNAL: status.INTERNAL,
  INVALID_ARGUMENT: status.INVALID_ARGUMENT,
  ALREADY_EXISTS: status.ALREADY_EXISTS,
  NOT_FOUND: status.NOT_FOUND,
  PERMISSION_DENIED: status.PERMISSION_DENIED,
  RESOURCE_EXHAUSTED: status.RESOURCE_EXHAUSTED,
  UNAUTHENTICATED: status.UNAUTHENTICATED,
  UNAVAILABLE: status.UNAVAILABLE,
  UNIMPLEMENTED: status.UNIMPLEMENTED,
};

/** gRPC's numbers from 0; those without a code of their own take the nearest. */
const CODE_OF_STATUS: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  ...Object.entries(STATUS_OF_CODE).map(([code, number]) => [number, code as ErrorCode] as const),
  [status.OUT_OF_RANGE, 'INVALID_ARGUMENT'],
  [status.DATA_LOSS, 'INTERNAL'],
  [status.UNKNOWN, 'INTERNAL'],
]);

/** gRPC's number for a code, which JSON errors of REST APIs carry too. */
export function statusNumberOf(code: ErrorCode): number {
  return STATUS_OF_CODE[code];
}

/** A status as grpc-js sends it. */
export interface SentStatus {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

/** The gRPC status that says what the error says; its retry advice goes along as metadata. */
export function statusOfError(thrown: unknown): SentStatus {
  const error = ArgosyError.fromUnknown(thrown);
  const metadata = new Metadata();
  metadata.set(CODE_KEY, error.code);
  metadata.set(RETRY_KEY, retryText(error.retry));
  return { code: STATUS_OF_CODE[error.code], details: shortened(error.message), metadata };
}

/** The error that a gRPC status stands for. `method` names the call in errors that have no text. */
export function errorOfStatus(failure: ServiceError, method: string): ArgosyError {
  const named = textOf(failure.metadata, CODE_KEY);
  const code = isErrorCode(named) ? named : (CODE_OF_STATUS.get(failure.code) ?? 'INTERNAL');
  const message = failure.details === '' ? `${method} failed with ${code}` : failure.details;
  const retry = adviceOf(textOf(failure.metadata, RETRY_KEY));
  return new ArgosyError(code, message, {
    cause: failure,
    ...(retry === undefined ? {} : { retry }),
  });
}

function isErrorCode(text: string | undefined): text is ErrorCode {
  return text !== undefined && Object.hasOwn(STATUS_OF_CODE, text);
}

function retryText(advice: RetryAdvice): string {
  return typeof advice === 'string' ? advice : String(advice.afterMs);
}

function adviceOf(text: string | undefined): RetryAdvice | undefined {
  if (text === 'never' || text === 'backoff') return text;
  if (text !== undefined && /^\d+$/.test(text)) return { afterMs: Number(text) };
  return undefined;
}

/** First text value of a metadata key. */
export function textOf(metadata: Metadata | undefined, key: string): string | undefined {
  const value = metadata?.get(key)[0];
  return typeof value === 'string' ? value : undefined;
}

function shortened(message: string): string {
  if (message.length <= STATUS_MESSAGE_LENGTH_MAX) return message;
  return `${message.slice(0, STATUS_MESSAGE_LENGTH_MAX)} …`;
}
