import { err, ok, type Result } from '@argosy/base';
import { compileGovaluate, evaluateGovaluate, gjsonGet } from '@argosy/lang';
import type { ExprFilter } from '../manifest/sensor.ts';

/** The value at a gjson path as govaluate sees it: text, float64, bool, nil, list or map. */
function valueAt(json: string, path: string): { readonly value: unknown } | undefined {
  const found = gjsonGet(json, path);
  if (!found.exists) return undefined;
  switch (found.type) {
    case 'string':
      return { value: found.text };
    case 'number':
      return { value: found.number };
    case 'true':
      return { value: true };
    case 'false':
      return { value: false };
    case 'null':
      return { value: null };
    case 'json': {
      const value: unknown = JSON.parse(found.raw);
      return { value };
    }
  }
}

/** Evaluates one expression over its fields; a result that is no boolean is false. */
export function exprFilterPasses(filter: ExprFilter, json: string): Result<boolean, string> {
  const values = new Map<string, unknown>();
  for (const field of filter.fields ?? []) {
    const found = valueAt(json, field.path);
    if (found === undefined) return err(`path '${field.path}' does not exist`);
    values.set(field.name, found.value);
  }
  const program = compileGovaluate(filter.expr);
  if (!program.ok) return err(program.error.message);
  const result = evaluateGovaluate(program.value, (name) =>
    values.has(name) ? ok(values.get(name)) : undefined,
  );
  return result.ok ? ok(result.value === true) : err(result.error.message);
}
