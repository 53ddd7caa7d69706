import { evaluateDependency, transformEvent, type Dependency } from '@argosy/core-events';
import { failed, type CaseOutcome, type ConformanceCase } from '../adapter.ts';
import { allOf, compared, eventOf, expectOf, partOf, partsOf, specOf } from './case.ts';

function dependencyOf(conformanceCase: ConformanceCase): Dependency {
  return partOf(specOf(conformanceCase)['dependency']) as unknown as Dependency;
}

/** filter: whether each event passes, whether the filter reports an error, and its text. */
export function runFilterCase(conformanceCase: ConformanceCase): CaseOutcome {
  const expect = expectOf(conformanceCase);
  const dependency = dependencyOf(conformanceCase);
  const results = partsOf(conformanceCase['events']).map((part) =>
    evaluateDependency(dependency, eventOf(part)),
  );
  const passes = results.map((result) => result.ok && result.value.pass);
  const error = results.find((result) => !result.ok);
  const message = error?.ok === false ? error.error : '';
  const isError = message !== '';
  const wantPasses = Array.isArray(expect['pass']) ? passes : passes[0];
  return allOf(
    compared('pass', wantPasses, expect['pass']),
    compared(`error (${message})`, isError, expect['error'] ?? false),
    errorTextOutcome(message, expect['errorText']),
  );
}

/** The exact text; for time zones, whose text Go's own library words, a part of it is enough. */
function errorTextOutcome(message: string, want: unknown): CaseOutcome {
  if (typeof want !== 'string') return { status: 'passed' };
  if (message === want || (/zone/i.test(want) && message.includes(want))) {
    return { status: 'passed' };
  }
  return failed(`error text: want ${JSON.stringify(want)}, got ${JSON.stringify(message)}`);
}

/** transform: the data of the event afterwards, an error, or no change. */
export function runTransformCase(conformanceCase: ConformanceCase): CaseOutcome {
  const expect = expectOf(conformanceCase);
  const [part] = partsOf(conformanceCase['events']);
  if (part === undefined) return failed('the case has no event');
  const event = eventOf(part);
  const result = transformEvent(dependencyOf(conformanceCase).transform, event);
  if (!result.ok) return compared(`error (${result.error})`, true, expect['error'] ?? false);
  const { dataText } = result.value;
  if (expect['error'] === true) return failed(`want an error, got ${dataText ?? 'no data'}`);
  if (expect['unchanged'] === true) return compared('event', result.value, event);
  if (expect['dataText'] !== undefined) return compared('data text', dataText, expect['dataText']);
  const data: unknown = JSON.parse(dataText ?? 'null');
  return compared('data', data, expect['data']);
}
