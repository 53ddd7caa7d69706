import { err, ok, type Result } from '@argosy/base';
import { langError, LangFailure, type LangError } from './error.ts';

/**
 * Runs a parser or evaluator and turns what it throws into a value. Anything but a `LangFailure`
 * or an exhausted stack is a bug and is thrown on.
 */
export function catchLang<T>(body: () => T): Result<T, LangError> {
  try {
    return ok(body());
  } catch (thrown) {
    if (thrown instanceof LangFailure) return err(thrown.error);
    if (thrown instanceof RangeError) {
      return err(langError('Limit', `the expression is too deep or too large: ${thrown.message}`));
    }
    throw thrown;
  }
}
