import type {
  DependencyExplanation,
  EventExplanation,
  FilterExplanation,
  TriggerExplanation,
} from '@argosy/core-events';
import { formatObject } from './output.ts';
import type { Style } from './style.ts';

const PHASES: Readonly<Record<FilterExplanation['verdict'], string>> = {
  Passed: 'Succeeded',
  Refused: 'Failed',
  Error: 'Error',
};

/** What `argosy sensor explain` shows to people. */
export function explanationView(explanation: EventExplanation, style: Style): string {
  const { dependencies, triggers } = explanation;
  return [
    ...dependencies.flatMap((dependency) => dependencyLines(dependency, style)),
    ...triggers.flatMap((trigger) => triggerLines(trigger, style)),
  ].join('\n');
}

function dependencyLines(dependency: DependencyExplanation, style: Style): readonly string[] {
  const { name, isTaken, why, transformed, filters } = dependency;
  const verdict = style.phase(isTaken ? 'Succeeded' : 'Failed', isTaken ? 'taken' : 'not taken');
  return [
    `${style.bold(`dependency ${name}`)}: ${verdict}: ${why}`,
    ...(transformed === undefined ? [] : [`  transformed: ${transformed}`]),
    ...filters.map(
      ({ filter, verdict: of, why: reason }) =>
        `  ${filter}: ${style.phase(PHASES[of], of.toLowerCase())}: ${reason}`,
    ),
  ];
}

function triggerLines(trigger: TriggerExplanation, style: Style): readonly string[] {
  const { name, kind, condition, fires, why, pending, firing } = trigger;
  const verdict = style.phase(fires ? 'Succeeded' : 'Pending', fires ? 'fires' : 'does not fire');
  const lines = [
    `${style.bold(`trigger ${name}`)} (${kind}): ${verdict}: ${why}`,
    `  condition: ${condition}`,
  ];
  if (pending.length > 0) lines.push(`  was waiting with: ${pending.join(', ')}`);
  if (firing === undefined) return lines;
  const { settings, object, payload, problem } = firing.result;
  const events = Object.entries(firing.events).map(([dependency, id]) => `${dependency}=${id}`);
  lines.push(`  firing: ${firing.id}`, `  events: ${events.join(', ')}`);
  if (kind === 'argoWorkflow') lines.push(`  uid of a submission: ${firing.uid}`);
  if (problem !== undefined) lines.push(`  ${style.phase('Error', 'problem')}: ${problem}`);
  lines.push('  settings:', ...indented(settings));
  if (object !== undefined) lines.push('  object:', ...indented(object));
  if (payload !== undefined) lines.push(`  payload: ${payload}`);
  return lines;
}

function indented(value: unknown): readonly string[] {
  return formatObject(value, 'yaml')
    .split('\n')
    .map((line) => `    ${line}`);
}
