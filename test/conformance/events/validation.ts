import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  validateEventBus,
  validateEventBusUpdate,
  validateEventSource,
  validateSensor,
} from '@argosy/core-events';
import type { Problem } from '@argosy/model';
import { parseAllDocuments } from 'yaml';
import {
  failed,
  passed,
  type CaseOutcome,
  type ConformanceCase,
  type ConformanceContext,
} from '../adapter.ts';
import { allOf, compared, expectOf, partOf, specOf, type Part } from './case.ts';

/** validation: manifests that are right or wrong, changes that are allowed, upstream's examples. */
export function runValidationCase(
  conformanceCase: ConformanceCase,
  context: ConformanceContext,
): CaseOutcome {
  const spec = specOf(conformanceCase);
  switch (conformanceCase.group) {
    case 'validation.update':
      return updateOutcome(conformanceCase, spec);
    case 'validation.example':
      return exampleOutcome(conformanceCase, context);
    default: {
      const bus = partOf(spec['eventBus'])['spec'];
      const problems = problemsOf(partOf(spec['manifest']), bus);
      return verdictOutcome(expectOf(conformanceCase), problems);
    }
  }
}

function problemsOf(manifest: Part, eventBusSpec: unknown): readonly Problem[] {
  switch (manifest['kind']) {
    case 'Sensor':
      return validateSensor(manifest, { eventBusSpec });
    case 'EventSource':
      return validateEventSource(manifest);
    case 'EventBus':
      return validateEventBus(manifest);
    default: {
      const message = `unknown kind ${String(manifest['kind'])}`;
      return [{ message, path: 'kind', severity: 'error' }];
    }
  }
}

function verdictOutcome(expect: Part, problems: readonly Problem[]): CaseOutcome {
  const texts = problems.map((problem) => `${problem.message} (${problem.path})`).join('; ');
  const valid = compared(`valid (${texts})`, problems.length === 0, expect['valid']);
  const want = expect['error'];
  if (typeof want !== 'string' || texts.includes(want)) return valid;
  return allOf(valid, failed(`error: want ${JSON.stringify(want)}, got ${JSON.stringify(texts)}`));
}

function updateOutcome(conformanceCase: ConformanceCase, spec: Part): CaseOutcome {
  if (spec['kind'] !== 'EventBus') return failed(`no rule for changes of ${String(spec['kind'])}`);
  const [old, next] = [partOf(spec['old'])['spec'], partOf(spec['new'])['spec']];
  const problems = validateEventBusUpdate(old, next);
  return compared('allowed', problems.length === 0, expectOf(conformanceCase)['allowed']);
}

function exampleOutcome(
  conformanceCase: ConformanceCase,
  context: ConformanceContext,
): CaseOutcome {
  const expect = expectOf(conformanceCase);
  const text = readFileSync(join(context.corpusDirectory, String(conformanceCase['file'])), 'utf8');
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return failed('the file is empty');
  const manifests = documents
    .map((document) => partOf(document.toJS()))
    .filter((manifest) => Object.keys(manifest).length > 0);
  const bus = partOf(specOf(conformanceCase)['eventBus'])['spec'];
  const problems = manifests.flatMap((manifest) => [...problemsOf(manifest, bus)]);
  const kinds = manifests.map((manifest) => manifest['kind']);
  return allOf(
    expect['kinds'] === undefined ? passed : compared('kinds', kinds, expect['kinds']),
    verdictOutcome(expect, problems),
  );
}
