import { err, ok, type Result } from '@argosy/base';
import { gjsonGet, sjsonSet } from '@argosy/lang';
import type { Firing, SensorEvent } from '../sensor-logic.ts';
import { isRecord } from '../triggers/trigger.ts';

/** A value found for a parameter: a text, or raw JSON. Undefined when the parameter is to be left out. */
type Found = { readonly text: string } | { readonly raw: string } | undefined;

/** Applies parameters one after another to JSON text. */
export function applyParameters(
  parameters: unknown,
  jsonText: string,
  firing: Firing,
): Result<string, string> {
  let text = jsonText;
  for (const parameter of listOf(parameters)) {
    const found = resolve(parameter['src'], firing);
    if (!found.ok) return found;
    if (found.value === undefined) continue;
    const changed = place(text, parameter, found.value);
    if (!changed.ok) return changed;
    text = changed.value;
  }
  return ok(text);
}

/** Makes a payload of parameters; one with an empty destination is the whole payload. */
export function payloadOf(parameters: unknown, firing: Firing): Result<string, string> {
  for (const parameter of listOf(parameters)) {
    if (parameter['dest'] !== undefined && parameter['dest'] !== '') continue;
    const found = resolve(parameter['src'], firing);
    if (!found.ok) return found;
    if (found.value === undefined) continue;
    return ok('text' in found.value ? found.value.text : found.value.raw);
  }
  return applyParameters(parameters, '{}', firing);
}

function listOf(parameters: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(parameters) ? parameters.filter(isRecord) : [];
}

function place(
  json: string,
  parameter: Readonly<Record<string, unknown>>,
  found: { readonly text: string } | { readonly raw: string },
): Result<string, string> {
  const dest = String(parameter['dest'] ?? '');
  const value = 'text' in found ? found.text : found.raw;
  const operation = parameter['operation'];
  if (operation === 'append' || operation === 'prepend') {
    const before = gjsonGet(json, dest);
    if (before.exists) {
      const joined = operation === 'append' ? before.text + value : value + before.text;
      return sjsonSet(json, dest, joined);
    }
  }
  return sjsonSet(json, dest, 'text' in found ? found.text : { raw: found.raw });
}

function resolve(src: unknown, firing: Firing): Result<Found, string> {
  if (!isRecord(src)) return err('a parameter has no src');
  const fallback = typeof src['value'] === 'string' ? { text: src['value'] } : undefined;
  const event = firing.events[String(src['dependencyName'])]?.event;
  if (event === undefined) return ok(fallback);
  const isRaw = src['useRawData'] === true;
  const { dataKey, contextKey } = src;
  const found =
    typeof dataKey === 'string' && dataKey !== ''
      ? valueAt(event.dataText ?? '', dataKey, isRaw)
      : typeof contextKey === 'string' && contextKey !== ''
        ? valueAt(JSON.stringify(contextOf(event)), contextKey, isRaw)
        : (fallback ?? { text: wholeEvent(event) });
  if (found !== undefined) return ok(found);
  if (fallback !== undefined) return ok(fallback);
  const key = String(dataKey ?? contextKey);
  return err(`the key "${key}" does not exist in the event of ${String(src['dependencyName'])}`);
}

function valueAt(json: string, path: string, isRaw: boolean): Found {
  const result = gjsonGet(json, path);
  if (!result.exists) return undefined;
  return isRaw && result.type !== 'string' ? { raw: result.raw } : { text: result.text };
}

function contextOf(event: SensorEvent): Readonly<Record<string, string>> {
  const { id, source, type, subject, time, datacontenttype } = event;
  return { id, source, specversion: '1.0', type, datacontenttype, subject, time };
}

function wholeEvent(event: SensorEvent): string {
  const data = Buffer.from(event.dataText ?? '').toString('base64');
  return JSON.stringify({ context: contextOf(event), data });
}
