import type { TemplateScope } from '@argosy/lang';
import type { TemplatePlan } from '../plan/template.ts';
import { createScope } from '../scope/variables.ts';
import { retryRuntimeOf, type NodeRecord, type RunState } from '../state.ts';
import type { MetricSubject } from './samples.ts';

const SECOND_MS = 1_000;

/** The variables that a node's metrics may use. */
export function nodeSubject(
  state: RunState,
  node: NodeRecord,
  {
    plan,
    at,
    hasEnded,
  }: { readonly plan: TemplatePlan; readonly at: number; readonly hasEnded: boolean },
): MetricSubject {
  const { parameters, artifacts, outputs } = node;
  const locals: Record<string, string> = {
    ...durations('duration', node.startedAt, hasEnded ? node.finishedAt : at),
    status: node.phase,
    ...(outputs?.exitCode === undefined ? {} : { exitCode: outputs.exitCode }),
    ...(outputs?.result === undefined ? {} : { 'outputs.result': outputs.result }),
    ...retriesOf(node),
  };
  for (const [name, value] of Object.entries(outputs?.parameters ?? {})) {
    locals[`outputs.parameters.${name}`] = value;
  }
  const scope = createScope({ state, inputs: { plan, parameters, artifacts }, locals });
  return {
    scope: withFirst(locals, scope),
    runningSince: { duration: node.startedAt, 'workflow.duration': state.startedAt },
    hasEnded,
  };
}

/** How often a node was tried again: of a Retry node, and of an attempt of it. */
function retriesOf(node: NodeRecord): Record<string, string> {
  if (node.relation === 'attempt') return { retries: String(node.slot) };
  if (node.type !== 'Retry' || node.runtime === undefined) return {};
  return { retries: String(Math.max(0, retryRuntimeOf(node).attempts.length - 1)) };
}

/** The variables that the metrics of the run itself may use. */
export function runSubject(
  state: RunState,
  { at, hasEnded }: { readonly at: number; readonly hasEnded: boolean },
): MetricSubject {
  const { startedAt, phase } = state;
  const locals = {
    ...durations('duration', startedAt, at),
    ...durations('workflow.duration', startedAt, at),
    status: phase,
    'workflow.status': phase,
  };
  return {
    scope: withFirst(locals, createScope({ state, locals })),
    runningSince: { duration: startedAt, 'workflow.duration': startedAt },
    hasEnded,
  };
}

/** Seconds as Argo writes them. */
function durations(name: string, from: number, to: number): Record<string, string> {
  return { [name]: (Math.max(0, to - from) / SECOND_MS).toFixed(6) };
}

/** A scope in which some values come before all others. */
function withFirst(first: Readonly<Record<string, string>>, scope: TemplateScope): TemplateScope {
  return {
    lookup: (tag) => (Object.hasOwn(first, tag) ? first[tag] : scope.lookup(tag)),
    env: () => scope.env(),
  };
}
