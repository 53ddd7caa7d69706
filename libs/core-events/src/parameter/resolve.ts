import { err, ok, type Result } from '@argosy/base';
import { gjsonGet, renderGoTemplate, sprigFunctions, type GjsonResult } from '@argosy/lang';
import { contextJson, dataAsJson, eventJson, type SensorEvent } from '../event/sensor-event.ts';
import type { ParameterSource } from '../manifest/sensor.ts';

/** Dependency name → the event it contributes to this firing. */
export type FiringEvents = Readonly<Record<string, SensorEvent>>;

/** The JSON type a value had where it was found; templates and literals give strings. */
export type ValueType = 'String' | 'Number' | 'True' | 'False' | 'Null' | 'JSON';

/** A resolved value: its text (raw JSON for objects and arrays) and its type. */
export interface ParameterValue {
  readonly text: string;
  readonly type: ValueType;
}

const NO_VALUE = '<no value>';

const TYPES: Readonly<Record<GjsonResult['type'], ValueType>> = {
  string: 'String',
  number: 'Number',
  true: 'True',
  false: 'False',
  null: 'Null',
  json: 'JSON',
};

/**
 * Finds the value of a parameter source. Data selectors beat context selectors, a template beats a key; a
 * template that fails falls back to the key, then to `value`. Without selector it is `value`, else the
 * whole event.
 * @returns undefined when the dependency has no event in this firing and there is no `value`, which is
 * no error: it happens under `||` conditions.
 */
export function resolveParameter(
  source: ParameterSource,
  events: FiringEvents,
): Result<ParameterValue | undefined, string> {
  const literal: ParameterValue | undefined =
    source.value === undefined ? undefined : { text: source.value, type: 'String' };
  const event = Object.hasOwn(events, source.dependencyName)
    ? events[source.dependencyName]
    : undefined;
  if (event === undefined) return ok(literal);
  const selector = selectorOf(source);
  if (selector === undefined) return ok(literal ?? { text: eventJson(event), type: 'JSON' });
  const selected = select(selector, event);
  if (selected.ok || literal === undefined) return selected;
  return ok(literal);
}

/** What the selector's template or key finds in the event. */
function select(selector: Selector, event: SensorEvent): Result<ParameterValue, string> {
  const { part, key, template } = selector;
  const json = part === 'data' ? dataAsJson(event) : ok(contextJson(event));
  if (!json.ok) return json;
  const value = byTemplate(template, json.value) ?? byKey(key, json.value);
  if (value !== undefined) return ok(value);
  const wanted = key === '' ? template : key;
  const { dependency } = selector;
  return err(`unable to resolve '${dependency}' parameter value: nothing at '${wanted}'`);
}

interface Selector {
  readonly dependency: string;
  readonly part: 'data' | 'context';
  readonly key: string;
  readonly template: string;
}

function selectorOf(source: ParameterSource): Selector | undefined {
  const dependency = source.dependencyName;
  const isSet = (text: string | undefined): boolean => text !== undefined && text !== '';
  if (isSet(source.dataKey) || isSet(source.dataTemplate)) {
    const { dataKey: key = '', dataTemplate: template = '' } = source;
    return { dependency, part: 'data', key, template };
  }
  if (isSet(source.contextKey) || isSet(source.contextTemplate)) {
    const { contextKey: key = '', contextTemplate: template = '' } = source;
    return { dependency, part: 'context', key, template };
  }
  return undefined;
}

function byTemplate(template: string, json: string): ParameterValue | undefined {
  if (template === '') return undefined;
  const input: unknown = JSON.parse(json);
  const rendered = renderGoTemplate(template, { Input: input }, { functions: sprigFunctions });
  if (!rendered.ok || rendered.value === '' || rendered.value === NO_VALUE) return undefined;
  return { text: rendered.value, type: 'String' };
}

function byKey(key: string, json: string): ParameterValue | undefined {
  if (key === '') return undefined;
  const found = gjsonGet(json, key);
  if (!found.exists) return undefined;
  return { text: found.type === 'null' ? 'null' : found.text, type: TYPES[found.type] };
}
