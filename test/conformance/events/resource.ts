import {
  compileResourceFilter,
  compileResourceLabels,
  resourceFilterPasses,
  type ResourceEventType,
  type ResourceFilterSettings,
  type ResourceSelector,
} from '@argosy/core-events';
import { matchesLabels } from '@argosy/lang';
import { failed, type CaseOutcome, type ConformanceCase } from '../adapter.ts';
import { compared, expectOf, partOf, partsOf, specOf } from './case.ts';

/** eventsource.resource: the filter of one change, or conditions on labels for several objects. */
export function runResourceCase(conformanceCase: ConformanceCase): CaseOutcome {
  return specOf(conformanceCase)['filter'] === undefined
    ? labelOutcome(conformanceCase)
    : filterOutcome(conformanceCase);
}

function filterOutcome(conformanceCase: ConformanceCase): CaseOutcome {
  const { filter, serviceStart } = specOf(conformanceCase);
  const [event] = partsOf(conformanceCase['events']);
  // A filter that is refused lets nothing through.
  const compiled = compileResourceFilter(partOf(filter) as ResourceFilterSettings);
  const change = {
    type: event?.['type'] as ResourceEventType,
    objectText: JSON.stringify(event?.['object']),
    seenMs: 0,
  };
  const startedMs = serviceStart === undefined ? 0 : Date.parse(String(serviceStart));
  const passes = compiled.ok && resourceFilterPasses(compiled.value, change, startedMs);
  return compared('pass', passes, expectOf(conformanceCase)['pass']);
}

function labelOutcome(conformanceCase: ConformanceCase): CaseOutcome {
  const selectors = partsOf(specOf(conformanceCase)['labels']) as unknown as ResourceSelector[];
  const compiled = compileResourceLabels(selectors);
  if (!compiled.ok) return failed(compiled.error);
  const matches = partsOf(conformanceCase['events']).map((event) =>
    matchesLabels(compiled.value.selector, partOf(event['labels']) as Record<string, string>),
  );
  return compared('matches', matches, expectOf(conformanceCase)['matches']);
}
