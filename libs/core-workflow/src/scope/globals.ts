import { timeText } from '@argosy/base';
import { parseTemplate, renderTemplate, strftime } from '@argosy/lang';
import type { Parameter } from '@argosy/model';
import { SCHEDULED_TIME } from '../cron/keys.ts';
import type { RunHeader } from '../input.ts';
import { setDotted } from './environment.ts';

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
  addNamed(globals, 'workflow.labels', run.labels);
  addNamed(globals, 'workflow.annotations', run.annotations);
  addParameters(globals, run);
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
  const parameters = run.spec.arguments?.parameters ?? [];
  // Values first: the names and keys of config maps may refer to them.
  for (const { name, value } of parameters) {
    if (value !== undefined) globals.set(`workflow.parameters.${name}`, value);
  }
  const listed = parameters.map((parameter) => {
    const { name, value = valueFromOf(run, parameter, globals) ?? parameter.default } = parameter;
    globals.set(`workflow.parameters.${name}`, value ?? '');
    return { name, value: value ?? '' };
  });
  globals.set('workflow.parameters', JSON.stringify(listed));
  globals.set('workflow.parameters.json', JSON.stringify(listed));
}

function valueFromOf(
  run: RunHeader,
  { valueFrom }: Parameter,
  globals: ReadonlyMap<string, string>,
): string | undefined {
  const { name = '', key = '' } = valueFrom?.configMapKeyRef ?? {};
  const map = run.configMaps?.[`${run.namespace}/${withGlobals(name, globals)}`];
  return map?.[withGlobals(key, globals)] ?? valueFrom?.default;
}

/** A text with the global variables that are known so far. */
function withGlobals(text: string, globals: ReadonlyMap<string, string>): string {
  if (!text.includes('{{')) return text;
  const env = (): Record<string, unknown> => nestedGlobals(globals);
  const scope = { lookup: (tag: string) => globals.get(tag), env };
  const rendered = renderTemplate(parseTemplate(text), scope, { allowUnresolved: true });
  return rendered.ok ? rendered.value : text;
}

function nestedGlobals(globals: ReadonlyMap<string, string>): Record<string, unknown> {
  const environment: Record<string, unknown> = {};
  for (const [tag, value] of globals) setDotted(environment, tag, value);
  return environment;
}

function sortKeys(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}
