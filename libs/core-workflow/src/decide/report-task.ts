import { err, ok, type Refusal, type Result } from '@argosy/base';
import type { Fact, NodeOutputs } from '../facts.ts';
import type { TaskReport } from '../input.ts';
import { planOf } from '../names.ts';
import { resolvedTemplate } from '../owed/task.ts';
import { renderText } from '../plan/text.ts';
import { createScope } from '../scope/variables.ts';
import { isFulfilled, type NodeRecord, type RunState } from '../state.ts';
import { parseTaskId } from '../task-id.ts';

const SECOND_MS = 1_000;

/** Takes an executor's report. What is told twice, too late or about a forgotten node is no news. */
export function decideReport(
  state: RunState,
  report: TaskReport,
  at: number,
): Result<readonly Fact[], Refusal> {
  const identity = parseTaskId(report.taskId);
  if (identity === undefined) {
    return err({ code: 'InvalidArgument', message: `'${report.taskId}' is no task id` });
  }
  if (state.context?.run.uid !== identity.uid) {
    return err({ code: 'NotFound', message: `no run has the task ${report.taskId}` });
  }
  const node = state.nodes[identity.node];
  if (node === undefined || node.dropped || isFulfilled(node.phase)) return ok([]);
  switch (report.kind) {
    case 'Started':
      return ok(node.phase === 'Pending' ? [startedFact(state, node, { report, at })] : []);
    case 'Progress':
      return ok(progressFacts(node, report, at));
    case 'Finished':
      return ok([finishedFact(state, node, { report, at })]);
  }
}

function startedFact(
  state: RunState,
  node: NodeRecord,
  { report, at }: { readonly report: TaskReport; readonly at: number },
): Fact {
  return {
    kind: 'NodeStarted',
    at,
    node: node.index,
    hostNodeName: report.hostNodeName ?? '',
    podIP: report.podIP ?? '',
    until: deadlineOf(state, node, at),
  };
}

/** `activeDeadlineSeconds` counts from the start of the leaf; an earlier timer of its own stays. */
function deadlineOf(state: RunState, node: NodeRecord, at: number): number {
  const plan = planOf(state, node);
  if (plan?.activeDeadline === undefined) return node.until;
  const { parameters, artifacts } = node;
  const scope = createScope({ state, inputs: { plan, parameters, artifacts } });
  const rendered = renderText(plan.activeDeadline, scope);
  const seconds = rendered.ok ? Number(rendered.value) : NaN;
  if (!Number.isFinite(seconds)) return node.until;
  const deadline = at + seconds * SECOND_MS;
  return node.until > 0 && node.until < deadline ? node.until : deadline;
}

function progressFacts(node: NodeRecord, report: TaskReport, at: number): readonly Fact[] {
  const { progress } = report;
  if (progress === undefined || progress === node.progress) return [];
  if (!/^\d+\/\d+$/.test(progress)) return [];
  return [{ kind: 'NodeProgressed', at, node: node.index, progress }];
}

function finishedFact(
  state: RunState,
  node: NodeRecord,
  { report, at }: { readonly report: TaskReport; readonly at: number },
): Fact {
  const phase = report.phase ?? 'Succeeded';
  const given = phase === 'Succeeded' ? withFixedValues(state, node, report) : report;
  const outputs = outputsOf(given);
  return {
    kind: 'NodeFinished',
    at,
    node: node.index,
    phase,
    message: report.message ?? defaultMessage(phase, report.exitCode),
    outputs,
    cancel: undefined,
  };
}

/** Output parameters that are declared with a value need no executor to find them. */
function withFixedValues(state: RunState, node: NodeRecord, report: TaskReport): TaskReport {
  const plan = planOf(state, node);
  const declared = plan?.template.outputs?.parameters;
  if (plan === undefined || declared === undefined) return report;
  const fixed = declared.filter(
    ({ value, valueFrom }) => value !== undefined && valueFrom === undefined,
  );
  if (fixed.length === 0) return report;
  const parameters: Record<string, string> = { ...report.parameters };
  const resolved = resolvedTemplate(state, node, plan).outputs?.parameters ?? [];
  for (const { name } of fixed) {
    const value = resolved.find((parameter) => parameter.name === name)?.value;
    if (value !== undefined) parameters[name] = value;
  }
  return { ...report, parameters };
}

function defaultMessage(phase: string, exitCode: number | undefined): string {
  return phase === 'Succeeded' || exitCode === undefined
    ? ''
    : `main: Error (exit code ${exitCode})`;
}

function outputsOf(report: TaskReport): NodeOutputs | undefined {
  const { result, exitCode, parameters, artifacts } = report;
  const hasParameters = parameters !== undefined && Object.keys(parameters).length > 0;
  const hasArtifacts = artifacts !== undefined && artifacts.length > 0;
  const code = exitCode === undefined ? undefined : String(exitCode);
  if (!hasParameters && !hasArtifacts) return plainOutputs(result, code);
  return {
    ...plainOutputs(result, code),
    ...(hasParameters ? { parameters } : {}),
    ...(hasArtifacts ? { artifacts } : {}),
  };
}

/** What nearly every leaf hands out, without copying anything. */
function plainOutputs(
  result: string | undefined,
  exitCode: string | undefined,
): NodeOutputs | undefined {
  if (result === undefined) return exitCode === undefined ? undefined : { exitCode };
  return exitCode === undefined ? { result } : { result, exitCode };
}
