import { runConditionCase } from './condition.ts';
import { runEventSourceCase } from './event-source.ts';
import { runFilterCase, runTransformCase } from './filter.ts';
import { runParametersCase } from './parameters.ts';
import { runValidationCase } from './validation.ts';
import {
  failed,
  type CaseOutcome,
  type ConformanceAdapter,
  type ConformanceCase,
  type ConformanceContext,
} from '../adapter.ts';

/** Runs the Argo Events cases against the rules of sensors and event sources, webhooks against the service. */
export const adapter: ConformanceAdapter = { run: runEventsCase };

/** Runs one case by its kind. */
export function runEventsCase(
  conformanceCase: ConformanceCase,
  context: ConformanceContext,
): Promise<CaseOutcome> {
  return Promise.resolve(outcomeOf(conformanceCase, context));
}

function outcomeOf(
  conformanceCase: ConformanceCase,
  context: ConformanceContext,
): CaseOutcome | Promise<CaseOutcome> {
  switch (conformanceCase.kind) {
    case 'filter':
      return runFilterCase(conformanceCase);
    case 'transform':
      return runTransformCase(conformanceCase);
    case 'condition':
      return runConditionCase(conformanceCase);
    case 'parameters':
      return runParametersCase(conformanceCase);
    case 'eventsource':
      return runEventSourceCase(conformanceCase);
    case 'validation':
      return runValidationCase(conformanceCase, context);
    default:
      return failed(`no runner for the kind ${conformanceCase.kind ?? ''}`);
  }
}
