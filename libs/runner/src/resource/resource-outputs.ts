import { ArgosyError } from '@argosy/base';
import { printJsonPath, runJq } from '@argosy/lang';
import type { Template, ValueFrom } from '@argosy/model';
import type { ResourceObject } from './resource-client.ts';

/**
 * The output parameters that `jsonPath` and `jqFilter` take from an object; a `default` stands in for what cannot
 * be taken.
 * @throws ArgosyError FAILED_PRECONDITION naming the parameter.
 */
export function resourceOutputs(
  outputs: Template['outputs'],
  object: ResourceObject,
): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const { name, valueFrom } of outputs?.parameters ?? []) {
    if (valueFrom?.jsonPath === undefined && valueFrom?.jqFilter === undefined) continue;
    values[name] = valueOf(name, valueFrom, object);
  }
  return values;
}

function valueOf(name: string, from: ValueFrom, object: ResourceObject): string {
  const { jsonPath = '', jqFilter = '' } = from;
  const taken = jsonPath === '' ? filtered(jqFilter, object) : printed(jsonPath, object);
  if (taken.ok) return taken.value;
  if (from.default !== undefined) return from.default;
  const message = `outputs.parameters.${name}: ${taken.error.message}`;
  throw new ArgosyError('FAILED_PRECONDITION', message);
}

/** As `kubectl -o jsonpath` prints it; the braces around a single path may be left out, as there. */
function printed(path: string, object: ResourceObject): Taken {
  const template = path.includes('{') ? path : `{${path.startsWith('.') ? '' : '.'}${path}}`;
  return printJsonPath(template, object);
}

type Taken = ReturnType<typeof printJsonPath>;

/** As `jq -r`: text without its quotes, other values as JSON, nothing as the empty text. */
function filtered(filter: string, object: ResourceObject): Taken {
  const answer = runJq(filter, object);
  if (!answer.ok) return answer;
  const { value } = answer.value;
  if (value === undefined) return { ok: true, value: '' };
  return { ok: true, value: typeof value === 'string' ? value : JSON.stringify(value) };
}
