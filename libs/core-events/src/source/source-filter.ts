import { err, ok, type Result } from '@argosy/base';
import { compileExpr, evaluateExpr, type ExprProgram } from '@argosy/lang';

type Values = Record<string, unknown>;

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Compiles an event source's `filter.expression`. */
export function compileSourceFilter(expression: string): Result<ExprProgram, string> {
  const program = compileExpr(expression);
  return program.ok ? program : err(program.error.message);
}

/**
 * Whether an event source publishes an event: its data must be a JSON object, whose keys the expression
 * sees, with `_` for `-` in the names at the top only. What is no boolean, and an error, drop the event.
 */
export function sourceFilterPasses(
  program: ExprProgram,
  dataText: string,
): Result<boolean, string> {
  let data: unknown;
  try {
    data = JSON.parse(dataText);
  } catch {
    return err('the event data is not valid JSON');
  }
  if (!isObject(data)) return err('the event data is not a JSON object');
  const renamed = Object.entries(data).map(
    ([key, value]) => [key.replaceAll('-', '_'), value] as const,
  );
  const result = evaluateExpr(program, expanded(renamed));
  if (!result.ok) return err(result.error.message);
  if (typeof result.value === 'boolean') return ok(result.value);
  return err('the filter expression did not give a boolean');
}

/** Dotted keys become nested objects; where two claim a place the longer one has it. */
function expanded(entries: readonly (readonly [string, unknown])[]): Values {
  const root: Values = {};
  const depth = (key: string): number => key.split('.').length;
  for (const [key, value] of entries.toSorted(([a], [b]) => depth(a) - depth(b))) {
    const parts = key.split('.');
    const last = parts.pop() ?? '';
    let owner = root;
    for (const part of parts) {
      const next = Object.hasOwn(owner, part) ? owner[part] : undefined;
      const child: Values = isObject(next) ? { ...next } : {};
      owner[part] = child;
      owner = child;
    }
    owner[last] = value;
  }
  return root;
}
