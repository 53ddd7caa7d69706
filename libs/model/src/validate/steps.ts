import type { Template, WorkflowStep } from '../types/template.ts';
import { checkArguments } from './arguments.ts';
import { below, type Home, type Site, type Validation } from './context.ts';
import { stepNameProblem } from './field-names.ts';
import { checkHooks } from './hooks.ts';
import { checkLoop, isExpanded } from './loops.ts';
import { addOutputs } from './outputs.ts';
import type { VariableScope } from './scope.ts';
import { checkVariables, withoutBodies } from './variables.ts';

interface StepsPlace {
  readonly template: Template;
  readonly home: Home;
  readonly scope: VariableScope;
}

/** Groups run one after the other: a step sees the outputs of earlier groups only. */
export function checkSteps(validation: Validation, site: Site, place: StepsPlace): void {
  const names = new Set<string>();
  for (const [groupIndex, group] of (place.template.steps ?? []).entries()) {
    const finished: (() => void)[] = [];
    for (const [index, step] of group.entries()) {
      const label = `templates.${place.template.name ?? ''}.steps[${groupIndex}]`;
      const at = below(site, '', 'steps', groupIndex, index);
      checkStepName(validation, at, label, { step, names });
      const target = checkStep(validation, at, label, { ...place, step });
      const producer = { template: target, isExpanded: isExpanded(step) };
      const prefix = `steps.${step.name ?? ''}`;
      finished.push(() => addOutputs(place.scope, validation.globals, prefix, producer));
    }
    // Only when all of the group have been looked at: siblings do not see each other.
    for (const add of finished) add();
  }
}

function checkStepName(
  validation: Validation,
  site: Site,
  label: string,
  given: { readonly step: WorkflowStep; readonly names: Set<string> },
): void {
  const name = given.step.name ?? '';
  if (name === '') {
    validation.report(site, `${label}.name is required`);
    return;
  }
  const problem = stepNameProblem(name);
  if (problem !== undefined) {
    validation.report(site, `${label}.name '${name}' is invalid: ${problem}`, 'name');
  }
  if (given.names.has(name)) {
    const message = `${label}.name '${name}' is not unique: step names are unique in the template`;
    validation.report(site, message, 'name');
  }
  given.names.add(name);
}

function checkStep(
  validation: Validation,
  site: Site,
  groupLabel: string,
  place: StepsPlace & { readonly step: WorkflowStep },
): Template | undefined {
  const { step, home } = place;
  const label = `${groupLabel}.${step.name ?? ''}`;
  const at = below(site, `${label} `);
  const scope = place.scope.child();
  // A step's own status can be asked for in its hooks, and by `when` of its own group in retries.
  scope.add(`steps.${step.name ?? ''}.status`);
  checkLoop(validation, at, step, scope);
  const given = { arguments: step.arguments, mayLackValues: false };
  checkArguments(validation, below(site, '', 'arguments'), `${label}.arguments.`, given);
  checkVariables(validation, at, withoutBodies(step), scope);
  const supplied = step.arguments ?? {};
  const target = validation.validateCall({ call: step, home, site: at, supplied });
  const producer = { template: target, isExpanded: isExpanded(step) };
  addOutputs(scope, validation.globals, `steps.${step.name ?? ''}`, producer);
  checkHooks(validation, site, step.hooks, { label, home, scope });
  if ((step.onExit ?? '') !== '') {
    const call = { template: step.onExit ?? '' };
    const exitSite = below(at, 'onExit ', 'onExit');
    validation.validateCall({ call, home, site: exitSite, supplied: {}, isNameSite: true });
  }
  return target;
}
