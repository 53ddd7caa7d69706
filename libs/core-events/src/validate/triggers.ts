import type { FieldPath } from '@argosy/model';
import { resetPlan } from '../condition/reset.ts';
import type { ConditionsReset } from '../manifest/sensor.ts';
import { fieldsOf, isGiven, isUnset, listOf, textOf, type Fields, type Report } from './report.ts';
import { TRIGGER_CHECKS } from './trigger-kinds.ts';
import { checkParameter } from './trigger-parameters.ts';

/** Checks one trigger, with its dead-letter trigger. */
export function checkTrigger(report: Report, trigger: Fields, path: FieldPath): void {
  if (!isGiven(trigger['template'])) {
    report.error("trigger template can't be nil", [...path, 'template']);
    return;
  }
  const template = fieldsOf(trigger['template']);
  checkTemplate(report, template, [...path, 'template']);
  listOf(trigger['parameters']).forEach((parameter, index) =>
    checkParameter(report, fieldsOf(parameter), {
      path: [...path, 'parameters', index],
      mayHaveNoDestination: false,
    }),
  );
  checkPolicy(report, fieldsOf(trigger['policy']), [...path, 'policy']);
  if (isGiven(trigger['dlqTrigger'])) checkDeadLetter(report, trigger, path);
}

function checkDeadLetter(report: Report, trigger: Fields, path: FieldPath): void {
  const inner = fieldsOf(trigger['dlqTrigger']);
  const innerPath = [...path, 'dlqTrigger'];
  if (trigger['atLeastOnce'] !== true) {
    report.error('to use dlqTrigger, trigger.atLeastOnce must be set to true', path);
  }
  if (inner['atLeastOnce'] !== true) {
    report.error('atLeastOnce must be set to true within the dlqTrigger', innerPath);
  }
  if (isGiven(inner['dlqTrigger'])) {
    report.error('dlqTrigger must not have a dlqTrigger of its own', innerPath);
  }
  checkTrigger(report, { ...inner, dlqTrigger: undefined }, innerPath);
}

function checkTemplate(report: Report, template: Fields, path: FieldPath): void {
  if (textOf(template['name']) === '') {
    report.error('trigger must define a name', [...path, 'name']);
  }
  const resets = listOf(template['conditionsReset']) as readonly ConditionsReset[];
  const plan = resetPlan(resets);
  if (!plan.ok) report.error(plan.error, [...path, 'conditionsReset']);
  for (const [kind, check] of Object.entries(TRIGGER_CHECKS)) {
    if (!isGiven(template[kind])) continue;
    const settings = fieldsOf(template[kind]);
    check(report, settings, [...path, kind]);
    for (const list of ['parameters', 'payload']) {
      listOf(settings[list]).forEach((parameter, index) =>
        checkParameter(report, fieldsOf(parameter), {
          path: [...path, kind, list, index],
          mayHaveNoDestination: kind === 'http' && list === 'payload',
        }),
      );
    }
  }
}

function checkPolicy(report: Report, policy: Fields, path: FieldPath): void {
  if (isGiven(policy['k8s']) && isUnset(fieldsOf(policy['k8s'])['labels'])) {
    report.error('resource labels are not specified', [...path, 'k8s', 'labels']);
  }
  if (isGiven(policy['status']) && isUnset(fieldsOf(policy['status'])['allow'])) {
    report.error('list of allowed response status is not specified', [...path, 'status', 'allow']);
  }
}
