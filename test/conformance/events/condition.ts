import { compileCondition, type Dependency } from '@argosy/core-events';
import { parseCron, previousFireMs } from '@argosy/lang';
import { failed, type CaseOutcome, type ConformanceCase } from '../adapter.ts';
import { compared, expectOf, partOf, partsOf, specOf } from './case.ts';
import { runDeliveryCase } from './delivery.ts';
import { runFiringCase } from './firing.ts';

/** condition: the normalised expression, firings over time, delivery, the previous time of a cron text. */
export function runConditionCase(
  conformanceCase: ConformanceCase,
): CaseOutcome | Promise<CaseOutcome> {
  switch (conformanceCase.group) {
    case 'condition.expression':
      return expressionOutcome(conformanceCase);
    case 'condition.prevcron':
      return previousOutcome(conformanceCase);
    case 'condition.firing':
      return runFiringCase(conformanceCase);
    case 'condition.delivery':
      return runDeliveryCase(conformanceCase);
    default:
      return failed(`no runner for the group ${conformanceCase.group ?? ''}`);
  }
}

function expressionOutcome(conformanceCase: ConformanceCase): CaseOutcome {
  const spec = specOf(conformanceCase);
  const expect = expectOf(conformanceCase);
  const dependencies = partsOf(spec['dependencies']) as unknown as readonly Dependency[];
  const conditions = partOf(spec['trigger'])['conditions'];
  const text = typeof conditions === 'string' ? conditions : undefined;
  const result = compileCondition(text, dependencies);
  if (!result.ok) return compared(`error (${result.error})`, true, expect['error'] ?? false);
  if (expect['error'] === true) return failed(`want an error, got ${result.value.expression}`);
  return compared('expression', result.value.expression, expect['expression']);
}

function previousOutcome(conformanceCase: ConformanceCase): CaseOutcome {
  const expect = expectOf(conformanceCase);
  const [event] = partsOf(conformanceCase['events']);
  const schedule = parseCron(String(specOf(conformanceCase)['cron']), { seconds: true });
  const previous = schedule.ok
    ? previousFireMs(schedule.value, Date.parse(String(event?.['now'])), 'UTC')
    : undefined;
  if (expect['error'] === true) return compared('previous', previous, undefined);
  return compared('previous', previous, Date.parse(String(expect['previous'])));
}
