import { ArgosyError } from '@argosy/base';
import {
  gjsonGet,
  matchesLabels,
  parseLabelSelector,
  type LabelRequirement,
  type LabelSelector,
} from '@argosy/lang';
import type { ResourceTemplate } from '@argosy/model';

/** What an object has to become, or must not become. */
export interface Conditions {
  readonly success: LabelSelector;
  readonly failure: LabelSelector;
}

export type Judgement =
  | { readonly kind: 'Met' }
  | { readonly kind: 'NotMet' }
  | { readonly kind: 'Failed'; readonly message: string };

/** @throws ArgosyError INVALID_ARGUMENT naming the field of a condition that cannot be read. */
export function conditionsOf(template: ResourceTemplate): Conditions {
  return {
    success: selectorOf('successCondition', template.successCondition),
    failure: selectorOf('failureCondition', template.failureCondition),
  };
}

function selectorOf(field: string, text: string | undefined): LabelSelector {
  const selector = parseLabelSelector(text ?? '');
  if (selector.ok) return selector.value;
  throw new ArgosyError('INVALID_ARGUMENT', `resource.${field}: ${selector.error.message}`);
}

/**
 * Label selectors whose keys are paths into the object. One failure condition that holds is enough to fail; all
 * success conditions have to hold.
 */
export function judge(object: unknown, { success, failure }: Conditions): Judgement {
  const json = JSON.stringify(object);
  for (const requirement of failure) {
    if (!holds(requirement, json)) continue;
    return { kind: 'Failed', message: `failure condition '${textOf(requirement)}' evaluated true` };
  }
  return { kind: success.every((requirement) => holds(requirement, json)) ? 'Met' : 'NotMet' };
}

function holds(requirement: LabelRequirement, json: string): boolean {
  const { key } = requirement;
  const found = gjsonGet(json, key);
  return matchesLabels([requirement], found.exists ? { [key]: found.text } : {});
}

const SIGNS: Readonly<Partial<Record<LabelRequirement['operator'], string>>> = {
  Gt: ' gt ',
  Lt: ' lt ',
  In: ' in ',
  NotIn: ' notin ',
};

function textOf({ key, operator, values }: LabelRequirement): string {
  if (operator === 'Exists') return key;
  if (operator === 'DoesNotExist') return `!${key}`;
  const [only] = values;
  if (operator === 'In' && values.length === 1) return `${key} == ${only}`;
  return `${key}${SIGNS[operator] ?? ' '}(${values.join(',')})`;
}
