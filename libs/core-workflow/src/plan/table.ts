import { err, ok, type Result } from '@argosy/base';
import type { Template, TemplateRef, WorkflowSpec } from '@argosy/model';
import type { RunHeader } from '../input.ts';
import { withRunLogs } from './run-logs.ts';
import {
  compileCall,
  compileHook,
  createTargets,
  resultNamesIn,
  type CallPlan,
  type HookPlan,
} from './call.ts';
import { volumesOfRun, withRunVolumes } from './run-volumes.ts';
import { compileRetry, compileTemplate, type RetryPlan, type TemplatePlan } from './template.ts';

/** Scope of the templates in the workflow itself. */
export const LOCAL_SCOPE = 'local';

/**
 * All templates of a run, in an order that follows from the run header alone, so that facts may
 * refer to them by index.
 */
export interface PlanTable {
  readonly plans: readonly TemplatePlan[];
  /** Scope → name → index. */
  readonly byScope: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly entrypoint: CallPlan;
  /** `spec.retryStrategy`, which wraps the entrypoint only. */
  readonly runRetry: RetryPlan | undefined;
  readonly exit: HookPlan | undefined;
  readonly hooks: readonly HookPlan[];
  /** Some template has metrics to be told; else nobody looks for them. */
  readonly hasMetrics: boolean;
}

/** Builds the table: local templates, stored ones by key, then the inline ones found in these. */
export function buildPlanTable(run: RunHeader): PlanTable {
  const plans: TemplatePlan[] = [];
  const byScope = new Map<string, Map<string, number>>();
  const inlineIndexes = new Map<Template, number>();
  const namedTarget = createTargets();
  const volumes = volumesOfRun(run);
  const add = (scope: string, name: string, template: Template, inline: boolean): number => {
    const index = plans.length;
    let resultNames: ReadonlySet<string> | undefined;
    const surroundings = {
      resultNames: () => (resultNames ??= resultNamesIn(template)),
      inlinePlan: (inner: Template) => inlineIndexes.get(inner) ?? -1,
      namedTarget,
    };
    const mounting = withRunLogs(withRunVolumes(template, volumes), run);
    plans.push(compileTemplate({ index, scope, name, inline, surroundings }, mounting));
    if (!inline) addName(byScope, { scope, name, index });
    return index;
  };
  for (const template of run.spec.templates ?? []) {
    add(LOCAL_SCOPE, template.name ?? '', template, false);
  }
  for (const key of Object.keys(run.storedTemplates).sort()) {
    const template = run.storedTemplates[key];
    const slash = key.lastIndexOf('/');
    if (template !== undefined) add(key.slice(0, slash), key.slice(slash + 1), template, false);
  }
  // The list grows while it is walked: inline templates may hold inline templates.
  for (let index = 0; index < plans.length; index += 1) {
    const plan = plans[index];
    if (plan === undefined) continue;
    for (const inner of inlineTemplatesOf(plan.template)) {
      inlineIndexes.set(inner, add(plan.scope, '', inner, true));
    }
  }
  const hasMetrics = plans.some(({ template }) => template.metrics !== undefined);
  return { plans, byScope, hasMetrics, ...runCalls(run.spec) };
}

/** The first of several templates of one name counts. */
function addName(
  byScope: Map<string, Map<string, number>>,
  { scope, name, index }: { readonly scope: string; readonly name: string; readonly index: number },
): void {
  const names = byScope.get(scope) ?? new Map<string, number>();
  byScope.set(scope, names);
  if (!names.has(name)) names.set(name, index);
}

/** The same templates with the entrypoint and hooks of a spec whose arguments have changed. */
export function withCallsOf(table: PlanTable, spec: WorkflowSpec): PlanTable {
  return { ...table, ...runCalls(spec) };
}

/** The template that a bare name or a reference means, seen from a scope. */
export function findTemplate(
  table: PlanTable,
  scope: string,
  target: { readonly name: string } | { readonly reference: TemplateRef },
): Result<TemplatePlan, string> {
  const place = 'name' in target ? { scope, name: target.name } : placeOf(target.reference);
  const plan = table.plans[table.byScope.get(place.scope)?.get(place.name) ?? -1];
  if (plan !== undefined) return ok(plan);
  if ('name' in target) return err(`template name '${target.name}' undefined`);
  const { name = '', template = '' } = target.reference;
  return err(`template reference ${name}.${template} not found`);
}

function placeOf(reference: TemplateRef): { readonly scope: string; readonly name: string } {
  const kind = reference.clusterScope === true ? 'cluster' : 'namespaced';
  return { scope: `${kind}/${reference.name ?? ''}`, name: reference.template ?? '' };
}

function inlineTemplatesOf(template: Template): readonly Template[] {
  const calls = [...(template.steps ?? []).flat(), ...(template.dag?.tasks ?? [])];
  return calls.flatMap((call) => (call.inline === undefined ? [] : [call.inline]));
}

function runCalls(
  spec: WorkflowSpec,
): Pick<PlanTable, 'entrypoint' | 'runRetry' | 'exit' | 'hooks'> {
  const none: ReadonlySet<string> = new Set();
  const surroundings = {
    resultNames: () => none,
    inlinePlan: () => -1,
    namedTarget: createTargets(),
  };
  const entrypoint: CallPlan = compileCall(
    { template: spec.entrypoint ?? '', arguments: spec.arguments ?? {} },
    surroundings,
  );
  const hooks: HookPlan[] = [];
  let exit: HookPlan | undefined;
  for (const [name, hook] of Object.entries(spec.hooks ?? {}).sort(byName)) {
    if (name === 'exit') exit = compileHook(name, hook, surroundings);
    else hooks.push(compileHook(name, hook, surroundings));
  }
  if (exit === undefined && spec.onExit !== undefined && spec.onExit !== '') {
    const hook = { template: spec.onExit, arguments: spec.arguments ?? {} };
    exit = compileHook('exit', hook, surroundings);
  }
  const runRetry = spec.retryStrategy === undefined ? undefined : compileRetry(spec.retryStrategy);
  return { entrypoint, runRetry, exit, hooks };
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}
