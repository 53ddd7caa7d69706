import { err, ok, type Result } from '@argosy/base';
import { sprigFunctions } from '@argosy/lang';

/** Whether an RE2 expression matches somewhere in a text; a bad expression is an error. */
export function textMatches(pattern: string, text: string): Result<boolean, string> {
  try {
    return ok(sprigFunctions['mustRegexMatch']?.([pattern, text]) === true);
  } catch (thrown) {
    return err(thrown instanceof Error ? thrown.message : String(thrown));
  }
}
