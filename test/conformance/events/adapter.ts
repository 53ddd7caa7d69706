import {
  failed,
  type CaseOutcome,
  type ConformanceAdapter,
  type ConformanceCase,
  type ConformanceContext,
} from '../adapter.ts';

/** Runs the Argo Events cases against the pure rules of sensors and event sources. */
export const adapter: ConformanceAdapter = { run: runEventsCase };

/** Runs one case by its kind. */
export async function runEventsCase(
  conformanceCase: ConformanceCase,
  _context: ConformanceContext,
): Promise<CaseOutcome> {
  return Promise.resolve(failed(`no runner for the kind ${conformanceCase.kind ?? ''}`));
}
