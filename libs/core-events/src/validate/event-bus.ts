import { goJson } from '@argosy/lang';
import type { Problem } from '@argosy/model';
import { createReport, fieldsOf, isGiven, textOf, type Fields, type Report } from './report.ts';

const KINDS = ['nats', 'jetstream', 'kafka', 'jetstreamExotic'] as const;

/** Checks an EventBus with Argo Events' rules. */
export function validateEventBus(manifest: unknown): readonly Problem[] {
  const report = createReport();
  const spec = fieldsOf(fieldsOf(manifest)['spec']);
  if (!KINDS.some((kind) => isGiven(spec[kind]))) {
    const kinds = '"nats", "jetstream", "jetstreamExotic" or "kafka"';
    report.error(`invalid spec: either ${kinds} needs to be specified`, ['spec']);
  }
  if (isGiven(spec['nats'])) checkNats(report, fieldsOf(spec['nats']));
  if (isGiven(spec['jetstream'])) checkJetStream(report, fieldsOf(spec['jetstream']));
  requireText(report, spec, ['kafka', 'url']);
  requireText(report, spec, ['jetstreamExotic', 'url']);
  return report.problems;
}

function missing(report: Report, path: readonly string[]): void {
  report.error(`"${path.join('.')}" is missing`, path);
}

/** Reports a text field of an object that is given without it. */
function requireText(report: Report, spec: Fields, [kind, field]: readonly [string, string]): void {
  if (!isGiven(spec[kind]) || textOf(fieldsOf(spec[kind])[field]) !== '') return;
  missing(report, ['spec', kind, field]);
}

function checkNats(report: Report, nats: Fields): void {
  const [isNative, isExotic] = [isGiven(nats['native']), isGiven(nats['exotic'])];
  const path = ['spec', 'nats'];
  if (isNative && isExotic) {
    report.error('"spec.nats.native" and "spec.nats.exotic" can not be defined together', path);
  }
  if (!isNative && !isExotic) {
    report.error('either "native" or "exotic" must be defined in "spec.nats"', path);
  }
  if (!isExotic) return;
  const exotic = fieldsOf(nats['exotic']);
  for (const field of ['clusterID', 'url']) {
    if (textOf(exotic[field]) === '') missing(report, [...path, 'exotic', field]);
  }
}

function checkJetStream(report: Report, jetStream: Fields): void {
  if (textOf(jetStream['version']) === '') missing(report, ['spec', 'jetstream', 'version']);
  const replicas = jetStream['replicas'];
  if (typeof replicas === 'number' && (replicas < 1 || replicas === 2)) {
    const sentence = 'a JetStream eventbus requires 1 replica or at least 3 replicas';
    report.error(`invalid spec: ${sentence}`, ['spec', 'jetstream', 'replicas']);
  }
}

const kindOf = (spec: Fields): string => KINDS.find((kind) => isGiven(spec[kind])) ?? '';
const natsKindOf = (spec: Fields): string =>
  isGiven(fieldsOf(spec['nats'])['native']) ? 'native' : 'exotic';

/**
 * Checks a change of an EventBus: its kind, the authentication of a native bus and the stream settings
 * cannot be changed; make a new one instead.
 */
export function validateEventBusUpdate(oldSpec: unknown, newSpec: unknown): readonly Problem[] {
  const report = createReport();
  const [old, next] = [fieldsOf(oldSpec), fieldsOf(newSpec)];
  if (kindOf(old) !== kindOf(next)) {
    report.error(`can not change event bus implementation to "${kindOf(next)}"`, ['spec']);
    return report.problems;
  }
  const immutable: readonly (readonly string[])[] = [
    ['nats', 'native', 'auth'],
    ['nats', 'exotic'],
    ['jetstream', 'streamConfig'],
    ['jetstreamExotic'],
  ];
  if (natsKindOf(old) !== natsKindOf(next)) {
    report.error('"spec.nats" can not change between native and exotic', ['spec', 'nats']);
  }
  for (const path of immutable) {
    if (textAt(old, path) !== textAt(next, path)) {
      report.error(`"spec.${path.join('.')}" is immutable, can not be updated`, ['spec', ...path]);
    }
  }
  return report.problems;
}

function textAt(spec: Fields, path: readonly string[]): string {
  const value = path.reduce<unknown>((owner, name) => fieldsOf(owner)[name], spec);
  return goJson(value ?? null);
}
