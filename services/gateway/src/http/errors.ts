import { ArgosyError, type ErrorCode } from '@argosy/base';
import { statusNumberOf } from '@argosy/rpc';
import { HTTP_BODY_BYTES_MAX } from '../config.ts';

/** Argo's error body: gRPC's number and a sentence. */
export interface ErrorBody {
  readonly code: number;
  readonly message: string;
}

/** As grpc-gateway maps codes, which Argo's clients know. */
const HTTP_STATUS: Readonly<Record<ErrorCode, number>> = {
  CANCELLED: 499,
  CONFLICT: 409,
  DEADLINE_EXCEEDED: 504,
  FAILED_PRECONDITION: 400,
  INTERNAL: 500,
  INVALID_ARGUMENT: 400,
  ALREADY_EXISTS: 409,
  NOT_FOUND: 404,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  UNAUTHENTICATED: 401,
  UNAVAILABLE: 503,
  UNIMPLEMENTED: 501,
};

/** What is answered for anything thrown by a handler or by the server itself. */
export function errorAnswer(thrown: unknown): {
  readonly status: number;
  readonly body: ErrorBody;
} {
  const refused = refusedByServer(thrown);
  if (refused !== undefined) return refused;
  const { code, message } = ArgosyError.fromUnknown(thrown);
  return { status: HTTP_STATUS[code], body: { code: statusNumberOf(code), message } };
}

/** Requests that the server refuses before a handler sees them. */
function refusedByServer(
  thrown: unknown,
): { readonly status: number; readonly body: ErrorBody } | undefined {
  if (thrown instanceof ArgosyError || !(thrown instanceof Error)) return undefined;
  const { statusCode, code } = thrown as Error & { statusCode?: number; code?: string };
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500) return undefined;
  if (statusCode === 413) {
    const message = `The body is too large; the limit is ${HTTP_BODY_BYTES_MAX} bytes.`;
    return answer(413, 'RESOURCE_EXHAUSTED', message);
  }
  if (statusCode === 415) {
    return answer(415, 'INVALID_ARGUMENT', 'The body must be JSON or YAML; see content-type.');
  }
  const isJson = thrown instanceof SyntaxError || code === 'FST_ERR_CTP_INVALID_JSON_BODY';
  const message = isJson ? `The body is not JSON: ${thrown.message}` : thrown.message;
  return answer(statusCode, 'INVALID_ARGUMENT', message);
}

function answer(
  status: number,
  code: ErrorCode,
  message: string,
): { readonly status: number; readonly body: ErrorBody } {
  return { status, body: { code: statusNumberOf(code), message } };
}
