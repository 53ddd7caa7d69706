/**
 * Why a text of one of the small languages could not be read or evaluated.
 * `Syntax`: the text itself is wrong. `Evaluation`: it is well-formed but fails on these values.
 * `Limit`: it needs more steps, memory or depth than allowed. `Unresolved`: a name has no value.
 */
export interface LangError {
  readonly kind: 'Syntax' | 'Evaluation' | 'Limit' | 'Unresolved';
  readonly message: string;
  /** Where in the source text, in UTF-16 units from 0; absent when no one place is to blame. */
  readonly offset?: number;
}

/** Builds a `LangError`. */
export function langError(kind: LangError['kind'], message: string, offset?: number): LangError {
  return offset === undefined ? { kind, message } : { kind, message, offset };
}

/**
 * Carries a `LangError` up through a recursive parser or evaluator. Never leaves this package: the
 * public functions catch it with `catchLang` and give a `Result`. A deep recursion that checked a
 * `Result` at each level would be slower and much longer.
 */
export class LangFailure extends Error {
  readonly error: LangError;

  constructor(error: LangError) {
    super(error.message);
    this.name = 'LangFailure';
    this.error = error;
  }
}

/** Throws a `LangFailure`; the return type lets it stand where a value is expected. */
export function failLang(kind: LangError['kind'], message: string, offset?: number): never {
  throw new LangFailure(langError(kind, message, offset));
}
