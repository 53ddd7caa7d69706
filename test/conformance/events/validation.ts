import {
  failed,
  type CaseOutcome,
  type ConformanceCase,
  type ConformanceContext,
} from '../adapter.ts';

/** validation: manifests that are right or wrong. */
export function runValidationCase(
  _conformanceCase: ConformanceCase,
  _context: ConformanceContext,
): CaseOutcome {
  return failed('no validation');
}
