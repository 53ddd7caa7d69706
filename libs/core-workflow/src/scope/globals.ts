import { strftime } from '@argosy/lang';
import type { Parameter } from '@argosy/model';
import { SCHEDULED_TIME } from '../cron/keys.ts';
import type { RunHeader } from '../input.ts';
import { timeText } from '../times.ts';

/** The formats of `workflow.creationTimestamp.<X>` that Argo offers one by one. */
const TIMESTAMP_FORMATS = 'aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ';

/** Variables that are fixed when a run is submitted: tag → text. */
export function initialGlobals(run: RunHeader): Map<string, string> {
  const globals = new Map<string, string>();
  const { spec } = run;
  globals.set('workflow.name', run.name);
  globals.set('workflow.namespace', run.namespace);
  globals.set('workflow.mainEntrypoint', spec.entrypoint ?? '');
  globals.set('workflow.serviceAccountName', spec.serviceAccountName ?? '');
  globals.set('workflow.uid', run.uid);
  if (spec.priority !== undefined) globals.set('workflow.priority', String(spec.priority));
  // A schedule, or whoever submits in its place, says it in an annotation.
  const scheduledTime = run.scheduledTime ?? run.annotations[SCHEDULED_TIME];
  if (scheduledTime !== undefined) globals.set('workflow.scheduledTime', scheduledTime);
  addCreationTimestamp(globals, run.createdAtMs);
  addParameters(globals, run);
  addNamed(globals, 'workflow.labels', run.labels);
  addNamed(globals, 'workflow.annotations', run.annotations);
  return globals;
}

/** Adds `workflow.labels.N` and their JSON form; also used when labels are added later. */
export function addNamed(
  globals: Map<string, string>,
  prefix: string,
  values: Readonly<Record<string, string>>,
): void {
  for (const [name, value] of Object.entries(values)) globals.set(`${prefix}.${name}`, value);
  const json = JSON.stringify(sortKeys(values));
  globals.set(prefix, json);
  globals.set(`${prefix}.json`, json);
}

function addCreationTimestamp(globals: Map<string, string>, createdAtMs: number): void {
  const prefix = 'workflow.creationTimestamp';
  globals.set(prefix, timeText(createdAtMs));
  globals.set(`${prefix}.RFC3339`, timeText(createdAtMs));
  for (const letter of TIMESTAMP_FORMATS) {
    globals.set(`${prefix}.${letter}`, strftime(`%${letter}`, createdAtMs));
  }
  globals.set(`${prefix}.s`, String(Math.floor(createdAtMs / 1_000)));
}

function addParameters(globals: Map<string, string>, run: RunHeader): void {
  const listed: { readonly name: string; readonly value: string }[] = [];
  for (const parameter of run.spec.arguments?.parameters ?? []) {
    const value = parameter.value ?? valueFromOf(run, parameter) ?? parameter.default ?? '';
    globals.set(`workflow.parameters.${parameter.name}`, value);
    listed.push({ name: parameter.name, value });
  }
  globals.set('workflow.parameters', JSON.stringify(listed));
  globals.set('workflow.parameters.json', JSON.stringify(listed));
}

function valueFromOf(run: RunHeader, parameter: Parameter): string | undefined {
  const reference = parameter.valueFrom?.configMapKeyRef;
  const map = run.configMaps?.[`${run.namespace}/${reference?.name ?? ''}`];
  const found = reference === undefined ? undefined : map?.[reference.key];
  return found ?? parameter.valueFrom?.default;
}

function sortKeys(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}
