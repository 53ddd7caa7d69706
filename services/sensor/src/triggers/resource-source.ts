import { parseManifests } from '@argosy/model';
import { err, ok, type Result } from '@argosy/base';
import { isRecord, type TriggerCall, type ValueLookup } from './trigger.ts';

const KNOWN_SOURCES = ['resource', 'inline', 'configmap'];

/** What is wrong with a trigger's `source`; sentences. */
export function sourceProblems(source: unknown): readonly string[] {
  if (!isRecord(source)) return ['source is missing; give the object under source.resource'];
  if (KNOWN_SOURCES.some((name) => source[name] !== undefined)) return [];
  const given = Object.keys(source).join(', ') || 'nothing';
  return [`source: ${given} is not supported here; use one of ${KNOWN_SOURCES.join(', ')}`];
}

/** The object that a trigger works on, as JSON text with its parameters applied. */
export function sourceText(call: TriggerCall, values: ValueLookup): Result<string, string> {
  const { source, parameters } = call.settings;
  const object = sourceObject(isRecord(source) ? source : {}, call, values);
  if (!object.ok) return object;
  return call.apply(parameters, JSON.stringify(object.value));
}

/** Argo Events looks at inline text first, then at ConfigMaps, then at the resource. */
function sourceObject(
  source: Readonly<Record<string, unknown>>,
  call: TriggerCall,
  values: ValueLookup,
): Result<unknown, string> {
  const { inline, configmap, resource } = source;
  if (typeof inline === 'string') return objectOfText(inline, 'source.inline');
  if (isRecord(configmap)) {
    const name = String(configmap['name']);
    const key = String(configmap['key']);
    const text = values.configMap(call.namespace, name, key);
    if (text === undefined) return err(`the ConfigMap ${name} has no key ${key}`);
    return objectOfText(text, `ConfigMap ${name}`);
  }
  return isRecord(resource) ? ok(resource) : err('source.resource is missing');
}

function objectOfText(text: string, file: string): Result<unknown, string> {
  const { manifests, problems } = parseManifests(text, { file, strict: false });
  const error = problems.find((problem) => problem.severity === 'error');
  if (error !== undefined) return err(`${file}: ${error.message}`);
  const first = manifests[0]?.manifest;
  return first === undefined ? err(`${file} holds no object`) : ok(first);
}
