import type { Problem } from '@argosy/model';
import { compileSourceFilter } from '../source/source-filter.ts';
import { EVENT_SOURCE_CHECKS } from './event-source-kinds.ts';
import { createReport, fieldsOf, isGiven, textOf } from './report.ts';

/** Kinds whose replicas all work; the others have one leader. The two cannot share an EventSource. */
const ROLLING = new Set([
  'webhook',
  'github',
  'gitlab',
  'bitbucket',
  'bitbucketserver',
  'gerrit',
  'slack',
  'stripe',
  'sns',
  'sqs',
  'storageGrid',
  'azureQueueStorage',
  'mns',
]);

/** Checks an EventSource with Argo Events' rules for each kind of source. */
export function validateEventSource(manifest: unknown): readonly Problem[] {
  const report = createReport();
  const spec = fieldsOf(fieldsOf(manifest)['spec']);
  const names = new Set<string>();
  const classes = new Set<boolean>();
  for (const [kind, check] of Object.entries(EVENT_SOURCE_CHECKS)) {
    for (const [name, value] of Object.entries(fieldsOf(spec[kind]))) {
      const path = ['spec', kind, name];
      const settings = fieldsOf(value);
      if (names.has(name)) report.error(`more than one "${name}" found in the spec`, path);
      names.add(name);
      classes.add(ROLLING.has(kind));
      check(report, settings, path);
      checkFilter(textOf(fieldsOf(settings['filter'])['expression']), (sentence) =>
        report.error(sentence, [...path, 'filter', 'expression']),
      );
    }
  }
  if (names.size === 0 && !Object.keys(EVENT_SOURCE_CHECKS).some((kind) => isGiven(spec[kind]))) {
    report.error('empty spec', ['spec']);
  }
  if (classes.size > 1) {
    report.error(
      'event sources with rolling update and recreate update strategy can not be put together',
      ['spec'],
    );
  }
  return report.problems;
}

function checkFilter(expression: string, report: (sentence: string) => void): void {
  if (expression === '') return;
  const program = compileSourceFilter(expression);
  if (!program.ok) report(`invalid filter expression: ${program.error}`);
}
