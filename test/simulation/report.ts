import { stringify } from 'yaml';
import type { Scenario } from './scenario.ts';

/** A scenario as a person reads it: the manifests, how tasks end, what goes wrong. */
export function describeScenario(scenario: Scenario): string {
  const { workflows, behaviours, faults, commands, ...rest } = scenario;
  const text = JSON.stringify(workflows);
  const used = Object.fromEntries(
    Object.entries(behaviours).filter(([name]) => text.includes(`"${name}"`)),
  );
  const documents = workflows.map((workflow) => stringify(workflow));
  const around = stringify({ ...rest, faults, commands, behaviours: used });
  return [...documents, around].join('---\n');
}
