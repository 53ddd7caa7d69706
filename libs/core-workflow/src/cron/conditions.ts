import { err, ok, type Result, timeText } from '@argosy/base';
import {
  compileExpr,
  evaluateExpr,
  evaluateWhen,
  ExprTime,
  goJson,
  parseTemplate,
  renderTemplate,
  zoneOf,
} from '@argosy/lang';
import type { CronWorkflow } from '@argosy/model';

/** The name under which expressions and tags find a CronWorkflow. */
const ROOT = 'cronworkflow';

type Variables = Readonly<Record<string, unknown>>;

/** What stands under `cronworkflow` in expressions. */
function variablesOf(cron: CronWorkflow): Variables {
  const { name = '', namespace = '', labels = {}, annotations = {} } = cron.metadata;
  const { failed = 0, succeeded = 0, lastScheduledTime } = cron.status ?? {};
  return {
    name,
    namespace,
    failed: BigInt(failed),
    succeeded: BigInt(succeeded),
    lastScheduledTime: timeValue(lastScheduledTime),
    labels: { json: goJson(labels), ...labels },
    annotations: { json: goJson(annotations), ...annotations },
  };
}

function timeValue(text: string | null | undefined): ExprTime | null {
  const atMs = Date.parse(text ?? '');
  const zone = zoneOf('UTC');
  return Number.isNaN(atMs) || zone === undefined ? null : new ExprTime(atMs, zone);
}

/**
 * Whether the stop strategy is fulfilled by the runs that have ended.
 * @returns the reason when the expression cannot be evaluated or gives no truth value.
 */
export function isToStop(cron: CronWorkflow, nowMs: number): Result<boolean, string> {
  const source = cron.spec.stopStrategy?.expression ?? '';
  if (source === '') return ok(false);
  const failure = (reason: string): Result<boolean, string> =>
    err(
      `failed to check CronWorkflow '${cron.metadata.name ?? ''}' stopping condition: ` +
        `failed to evaluate stop expression: ${reason}`,
    );
  const program = compileExpr(source);
  if (!program.ok) return failure(program.error.message);
  const value = evaluateExpr(program.value, { [ROOT]: variablesOf(cron) }, { nowMs });
  if (!value.ok) return failure(value.error.message);
  if (typeof value.value === 'boolean') return ok(value.value);
  return failure(`the value of "${source}" is not true or false`);
}

/** Whether `when` lets an instant pass; true without one. */
export function passesWhen(cron: CronWorkflow, nowMs: number): Result<boolean, string> {
  const { when = '' } = cron.spec;
  if (when === '') return ok(true);
  const variables = variablesOf(cron);
  const scope = {
    lookup: (tag: string) => textOf(tag, variables),
    env: () => ({ [ROOT]: variables }),
  };
  const text = renderTemplate(parseTemplate(when), scope, { allowUnresolved: false, nowMs });
  if (!text.ok) return err(text.error.message);
  const verdict = evaluateWhen(text.value);
  return verdict.ok ? verdict : err(verdict.error.message);
}

/** A simple tag's value as text; undefined for a tag that names nothing. There is no time before the first run. */
function textOf(tag: string, variables: Variables): string | undefined {
  const [root, key = '', ...rest] = tag.split('.');
  const found = root === ROOT && Object.hasOwn(variables, key) ? variables[key] : undefined;
  if (rest.length > 0) return entryOf(found, rest.join('.'));
  if (found === null) return '';
  if (found instanceof Date) return timeText(found.getTime());
  return found === undefined || typeof found === 'object' ? undefined : String(found);
}

function entryOf(map: unknown, key: string): string | undefined {
  if (typeof map !== 'object' || map === null || !Object.hasOwn(map, key)) return undefined;
  const value = (map as Variables)[key];
  return typeof value === 'string' ? value : undefined;
}
