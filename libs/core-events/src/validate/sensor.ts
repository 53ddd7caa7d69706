import type { FieldPath, Problem } from '@argosy/model';
import { checkFilters, checkOperator } from './filters.ts';
import {
  createReport,
  fieldsOf,
  isGiven,
  listOf,
  textOf,
  type Fields,
  type Report,
} from './report.ts';
import { checkTrigger } from './triggers.ts';

/** What a sensor is checked against. */
export interface SensorContext {
  /** The `spec` of its EventBus; a NATS streaming bus allows an event only once per sensor. */
  readonly eventBusSpec?: unknown;
}

/**
 * Checks a Sensor with Argo Events' rules (they are shallow: condition names, expressions and data types
 * are not looked into). An empty list means that it may be stored.
 */
export function validateSensor(manifest: unknown, context: SensorContext = {}): readonly Problem[] {
  const report = createReport();
  const spec = fieldsOf(fieldsOf(manifest)['spec']);
  const dependencies = listOf(spec['dependencies']).map(fieldsOf);
  const triggers = listOf(spec['triggers']).map(fieldsOf);
  if (dependencies.length === 0) {
    report.error('no event dependencies found', ['spec', 'dependencies']);
  }
  dependencies.forEach((dependency, index) =>
    checkDependency(report, dependency, ['spec', 'dependencies', index]),
  );
  if (isGiven(fieldsOf(context.eventBusSpec)['nats'])) checkEventsOnce(report, dependencies);
  if (triggers.length === 0) report.error('no triggers found', ['spec', 'triggers']);
  triggers.forEach((trigger, index) => checkTrigger(report, trigger, ['spec', 'triggers', index]));
  checkTriggerNames(report, triggers);
  return report.problems;
}

function checkDependency(report: Report, dependency: Fields, path: FieldPath): void {
  if (textOf(dependency['name']) === '') {
    report.error('event dependency must define a name', [...path, 'name']);
  }
  if (textOf(dependency['eventSourceName']) === '') {
    report.error('event dependency must define the EventSourceName', [...path, 'eventSourceName']);
  }
  if (textOf(dependency['eventName']) === '') {
    report.error('event dependency must define the EventName', [...path, 'eventName']);
  }
  const operatorPath = [...path, 'filtersLogicalOperator'];
  checkOperator(report, dependency['filtersLogicalOperator'], operatorPath);
  if (isGiven(dependency['filters'])) {
    checkFilters(report, fieldsOf(dependency['filters']), [...path, 'filters']);
  }
}

function checkEventsOnce(report: Report, dependencies: readonly Fields[]): void {
  const seen = new Set<string>();
  dependencies.forEach((dependency, index) => {
    const source = textOf(dependency['eventSourceName']);
    const key = `${source}__${textOf(dependency['eventName'])}`;
    if (seen.has(key)) {
      const event = `Event '${textOf(dependency['eventName'])}' from EventSource '${source}'`;
      report.error(`${event} is referenced for more than one dependency`, [
        'spec',
        'dependencies',
        index,
      ]);
    }
    seen.add(key);
  });
}

function checkTriggerNames(report: Report, triggers: readonly Fields[]): void {
  const seen = new Set<string>();
  triggers.forEach((trigger, index) => {
    const name = textOf(fieldsOf(trigger['template'])['name']);
    if (name !== '' && seen.has(name)) {
      const path = ['spec', 'triggers', index, 'template', 'name'];
      report.error(`duplicate trigger name: ${name}`, path);
    }
    seen.add(name);
  });
}
