/** When a failed operation may be tried again. */
export type RetryAdvice = 'never' | 'backoff' | { readonly afterMs: number };

/** Every error code of Argosy; docs/reference/errors.md explains each (a test compares the two). */
export const ERROR_CODES = {
  CANCELLED: 'The caller gave up or the process is stopping.',
  CONFLICT: 'Somebody else changed the same thing first.',
  DEADLINE_EXCEEDED: 'The operation did not finish in the time given to it.',
  FAILED_PRECONDITION: 'The thing is not in a state in which this can be done.',
  INTERNAL: 'A bug in Argosy.',
  INVALID_ARGUMENT: 'The input is wrong; the message names file, line and field where known.',
  ALREADY_EXISTS: 'A thing of this name exists already.',
  NOT_FOUND: 'No thing of this name exists.',
  PERMISSION_DENIED: 'The caller is known but may not do this.',
  RESOURCE_EXHAUSTED: 'A limit was reached; the message names the limit and its unit.',
  UNAUTHENTICATED: 'No valid token was given.',
  UNAVAILABLE: 'A part that is needed does not answer at present.',
  UNIMPLEMENTED: 'The method or feature does not exist here.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The one error class: a code, a sentence that says what to do, and whether trying again can help. */
export class ArgosyError extends Error {
  readonly code: ErrorCode;
  readonly retry: RetryAdvice;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly retry?: RetryAdvice } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ArgosyError';
    this.code = code;
    this.retry = options.retry ?? (code === 'UNAVAILABLE' ? 'backoff' : 'never');
  }

  /** Turns anything thrown into an ArgosyError; to be called once, at the edge. */
  static fromUnknown(thrown: unknown): ArgosyError {
    if (thrown instanceof ArgosyError) return thrown;
    if (thrown instanceof Error) {
      const cancelled = thrown.name === 'AbortError';
      return new ArgosyError(cancelled ? 'CANCELLED' : 'INTERNAL', thrown.message, {
        cause: thrown,
      });
    }
    return new ArgosyError('INTERNAL', String(thrown), { cause: thrown });
  }
}
