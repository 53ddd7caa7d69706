import { parseManifests, type Json } from '@argosy/model';
import { err, ok, type Result } from '@argosy/base';
import type { Trigger, TriggerParameter } from '../manifest/sensor.ts';
import { applyParameters, buildPayload } from '../parameter/apply.ts';
import type { FiringEvents } from '../parameter/resolve.ts';
import { parameterizedTemplate } from '../parameter/template.ts';

/** What a trigger would do, with its parameters applied. Secrets and what lies elsewhere are not read. */
export interface TriggerResult {
  /** The trigger's own settings, without what `object` and `payload` show. */
  readonly settings: Json;
  /** The object that would be submitted, created … */
  readonly object?: Json;
  /** The payload as text. */
  readonly payload?: string;
  /** Why a part of it is not shown, or cannot be made; a sentence. */
  readonly problem?: string;
}

const NO_KINDS = new Set(['name', 'conditions', 'conditionsReset']);

type Settings = Readonly<Record<string, unknown>>;

/** The key of the template that says what is done; undefined when there is none. */
export function triggerKindOf(trigger: Trigger): string | undefined {
  const { template = {} } = trigger;
  return Object.entries(template).find(
    ([key, value]) => !NO_KINDS.has(key) && isRecord(value),
  )?.[0];
}

/** Applies the parameters of the template, of the object and of the payload, as an attempt would. */
export function triggerResult(trigger: Trigger, events: FiringEvents): TriggerResult {
  const kind = triggerKindOf(trigger);
  const template = parameterizedTemplate(trigger, events);
  if (!template.ok) return { settings: null, problem: template.error };
  const settings: unknown = kind === undefined ? undefined : template.value[kind];
  if (!isRecord(settings)) return { settings: null, problem: 'the template says nothing to do' };
  const parts: { object?: Json; payload?: string } = {};
  const problems: string[] = [];
  const { source, parameters, payload, ...rest } = settings;
  let shown: unknown = rest;
  if (isRecord(source)) {
    const object = objectOf(source, listOf(parameters), events);
    if (object.ok) parts.object = object.value;
    else problems.push(object.error);
  } else if (listOf(parameters).length > 0) {
    const applied = applyParameters(JSON.stringify(rest), listOf(parameters), events);
    if (applied.ok) shown = JSON.parse(applied.value);
    else problems.push(applied.error);
  }
  if (Array.isArray(payload)) {
    const built = buildPayload(listOf(payload), events, { allowsWholeBody: true });
    if (built.ok) parts.payload = built.value;
    else problems.push(built.error);
  }
  const problem = problems.length === 0 ? {} : { problem: problems.join('; ') };
  return { settings: shown as Json, ...parts, ...problem };
}

function objectOf(
  source: Settings,
  parameters: readonly TriggerParameter[],
  events: FiringEvents,
): Result<Json, string> {
  const { inline, resource } = source;
  const given = typeof inline === 'string' ? objectOfText(inline) : resourceOf(resource, source);
  if (!given.ok) return given;
  const applied = applyParameters(JSON.stringify(given.value), parameters, events);
  return applied.ok ? ok(JSON.parse(applied.value) as Json) : applied;
}

function resourceOf(resource: unknown, source: Settings): Result<unknown, string> {
  const elsewhere = Object.keys(source).find((key) => key !== 'resource');
  if (elsewhere !== undefined)
    return err(`the object lies in ${elsewhere}, which is not read here`);
  return isRecord(resource) ? ok(resource) : err('source.resource is missing');
}

function objectOfText(text: string): Result<unknown, string> {
  const { manifests, problems } = parseManifests(text, { file: 'source.inline', strict: false });
  const error = problems.find((problem) => problem.severity === 'error');
  if (error !== undefined) return err(`source.inline: ${error.message}`);
  const first = manifests[0]?.manifest;
  return first === undefined ? err('source.inline holds no object') : ok(first);
}

function listOf(value: unknown): readonly TriggerParameter[] {
  return Array.isArray(value) ? (value as readonly TriggerParameter[]) : [];
}

function isRecord(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
