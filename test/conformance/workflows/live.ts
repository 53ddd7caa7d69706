import {
  connect,
  openHome,
  startEmbedded,
  type Connection,
  type EmbeddedRuntime,
} from '@argosy/cli';
import { ArgosyError } from '@argosy/base';
import type { NodeStatus, Workflow } from '@argosy/model';
import { createLogger } from '@argosy/telemetry';
import { eventually, temporaryDirectory, type TemporaryDirectory } from '@argosy/testkit';
import { failed, passed, type CaseOutcome, type ConformanceContext } from '../adapter.ts';
import type { CaseAction, WorkflowCase } from './case.ts';
import { differenceOf } from './expectation.ts';
import { finished, get, type Line, type Target } from './line.ts';
import { encode, readCase, submitAll } from './submission.ts';

/** The real line, from the gateway to processes of this machine, on which cases are run. */
export interface LiveLine {
  run(conformanceCase: WorkflowCase, context: ConformanceContext): Promise<CaseOutcome>;
  stop(): Promise<void>;
}

const ACTION_TIMEOUT_MS = 30_000;

/** Starts an embedded installation on a temporary home. */
export async function startLiveLine(signal: AbortSignal): Promise<LiveLine> {
  const directory = await temporaryDirectory('argosy-conformance-');
  const runtime = await startEmbedded({
    home: openHome(directory.path),
    logger: createLogger({ level: process.env['ARGOSY_LOG_LEVEL'] ?? 'fatal' }),
    httpPort: 0,
    rpcPort: 0,
    onProgress: () => undefined,
    signal,
  });
  const { rpcAddress } = runtime.instance;
  const connection = connect({ rpcAddress, token: runtime.token });
  return {
    run: (conformanceCase, context) => {
      const { httpAddress } = runtime.instance;
      const http = { address: httpAddress, token: runtime.token };
      return runCase({ connection, bus: runtime.bus, http, ...context }, conformanceCase);
    },
    stop: () => stopLine(connection, runtime, directory),
  };
}

async function stopLine(
  connection: Connection,
  runtime: EmbeddedRuntime,
  directory: TemporaryDirectory,
): Promise<void> {
  connection.close();
  await runtime.stop();
  await directory.remove();
}

/** Every case has a namespace of its own, so that cases do not see one another's templates. */
async function runCase(line: HttpLine, conformanceCase: WorkflowCase): Promise<CaseOutcome> {
  const { namespace, manifests } = readCase(line, conformanceCase);
  const workflows = manifests.filter((manifest) => manifest['kind'] === 'Workflow');
  const others = manifests.filter((manifest) => manifest['kind'] !== 'Workflow');
  for (const manifest of others) {
    await line.connection.resources.applyResources({ namespace, manifests: encode(manifest) });
  }
  const names = await submitAll(line, { conformanceCase, namespace, workflows, manifests });
  const name = names.at(-1);
  if (name === undefined) return failed('there is nothing to run in the case');
  const first = await act(line, { namespace, name }, conformanceCase);
  if (typeof first === 'string') return failed(first);
  if (conformanceCase.expect.deleted === true) {
    return deletedOutcome(line, { namespace, name: first.name });
  }
  const workflow = await finished(line, { namespace, name: first.name });
  const difference =
    rerunDifference(workflow, conformanceCase, first.before) ??
    (await factsDifference(line, workflow, conformanceCase));
  return difference === undefined ? passed : failed(difference);
}

/** The first stated fact that does not hold at the end. */
async function factsDifference(
  line: HttpLine,
  workflow: Workflow,
  conformanceCase: WorkflowCase,
): Promise<string | undefined> {
  return (
    differenceOf(workflow, conformanceCase.expect) ??
    parallelDifference(workflow, conformanceCase) ??
    timeDifference(workflow, conformanceCase) ??
    (await logsDifference(line, workflow, conformanceCase)) ??
    hitsDifference(workflow, conformanceCase) ??
    (await eventsDifference(line, workflow, conformanceCase)) ??
    unknownFacts(conformanceCase)
  );
}

/** Does the case's actions; gives the run to look at, or what went wrong. */
async function act(
  line: Line,
  target: Target,
  { actions = [] }: WorkflowCase,
): Promise<string | { readonly name: string; readonly before: Workflow | undefined }> {
  let { name } = target;
  let before: Workflow | undefined;
  for (const action of actions) {
    if (action.when === 'created') continue;
    const current = { ...target, name };
    before = await moment(line, current, action.when);
    try {
      name = (await perform(line, current, action)) ?? name;
      if (action.error !== undefined) return `${action.do} was to be refused`;
    } catch (thrown) {
      const { message } = ArgosyError.fromUnknown(thrown);
      if (action.error === undefined || !new RegExp(action.error).test(message)) {
        return `${action.do}: ${message}`;
      }
    }
  }
  return { name, before };
}

async function moment(line: Line, target: Target, when: string): Promise<Workflow> {
  return eventually(
    async () => {
      const workflow = await get(line, target);
      if (!isMoment(workflow, when)) throw new Error(`never: ${when}`);
      return workflow;
    },
    { timeoutMs: ACTION_TIMEOUT_MS, intervalMs: 50 },
  );
}

function isMoment(workflow: Workflow, when: string): boolean {
  const nodes = Object.values(workflow.status?.nodes ?? {});
  const isRunning = (node: NodeStatus): boolean => node.phase === 'Running';
  const named = /^node (\S+) is (\w+)$/.exec(when);
  if (named !== null) {
    return nodes.some((node) => node.displayName === named[1] && node.phase === named[2]);
  }
  if (when === 'a pod is Running') {
    return nodes.some((node) => node.type === 'Pod' && isRunning(node));
  }
  if (when === 'workflow has a Running Suspend node') {
    return nodes.some((node) => node.type === 'Suspend' && isRunning(node));
  }
  if (when === 'workflow is suspended') return workflow.spec.suspend === true;
  const phase = /^workflow is (\w+)$/.exec(when)?.[1];
  if (phase === undefined) throw new Error(`the moment "${when}" is not known`);
  return workflow.status?.phase === phase;
}

type Workflows = Connection['workflows'];

/** What each action calls; the name of the new run when it makes one. */
const ACTIONS: Readonly<
  Record<string, (workflows: Workflows, target: Target, action: CaseAction) => Promise<unknown>>
> = {
  suspend: (workflows, target) => workflows.suspendWorkflow(target),
  resume: (workflows, target, { nodeFieldSelector = '' }) =>
    workflows.resumeWorkflow({ ...target, nodeFieldSelector }),
  stop: (workflows, target, { nodeFieldSelector = '', message = '' }) =>
    workflows.stopWorkflow({ ...target, nodeFieldSelector, message }),
  terminate: (workflows, target) => workflows.terminateWorkflow(target),
  'set-outputs': (workflows, target, { nodeFieldSelector = '', outputs }) => {
    const values = Object.entries(outputs?.parameters ?? {});
    const texts = values.map(([name, value]) => [name, String(value)] as const);
    return workflows.setWorkflow({
      ...target,
      nodeFieldSelector,
      outputs: Object.fromEntries(texts),
    });
  },
  retry: (workflows, target, { nodeFieldSelector = '', restartSuccessful = false }) =>
    workflows.retryWorkflow({ ...target, nodeFieldSelector, restartSuccessful }),
};

/** Gives the name of the new run when the action makes one. */
async function perform(
  { connection }: Line,
  target: Target,
  action: CaseAction,
): Promise<string | undefined> {
  const { workflows } = connection;
  if (action.do === 'resubmit') {
    const { memoized = false } = action;
    return (await workflows.resubmitWorkflow({ ...target, memoized })).summary?.name;
  }
  const call = ACTIONS[action.do];
  if (call === undefined) throw new Error(`the action "${action.do}" is not known`);
  await call(workflows, target, action);
  return undefined;
}

/** How many pods ran at once, from their times: a pod that ends in the moment another starts is not beside it. */
function parallelDifference(workflow: Workflow, { expect }: WorkflowCase): string | undefined {
  if (expect.maxParallel === undefined) return undefined;
  const pods = Object.values(workflow.status?.nodes ?? {}).filter(
    (node) => node.type === 'Pod' && node.startedAt && node.finishedAt,
  );
  const overlaps = (node: NodeStatus): number => {
    const at = Date.parse(node.startedAt ?? '');
    return pods.filter(
      (other) => Date.parse(other.startedAt ?? '') <= at && at < Date.parse(other.finishedAt ?? ''),
    ).length;
  };
  const most = Math.max(0, ...pods.map(overlaps));
  if (most <= expect.maxParallel) return undefined;
  return `maxParallel: expected at most ${expect.maxParallel}, found ${most}`;
}

function timeDifference(workflow: Workflow, { expect }: WorkflowCase): string | undefined {
  if (expect.maxSeconds === undefined) return undefined;
  const { startedAt, finishedAt } = workflow.status ?? {};
  const seconds = (Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '')) / 1_000;
  return seconds <= expect.maxSeconds
    ? undefined
    : `maxSeconds: expected ${expect.maxSeconds}, found ${seconds}`;
}

function rerunDifference(
  workflow: Workflow,
  { expect }: WorkflowCase,
  before: Workflow | undefined,
): string | undefined {
  const startOf = (of: Workflow | undefined, name: string): string | undefined =>
    Object.values(of?.status?.nodes ?? {}).find((node) => node.displayName === name)?.startedAt ??
    undefined;
  for (const name of expect.rerun ?? []) {
    if (startOf(workflow, name) === startOf(before, name)) return `rerun: ${name} did not run anew`;
  }
  for (const name of expect.notRerun ?? []) {
    const same = startOf(workflow, name) === startOf(before, name);
    if (!same && !isTakenOver(workflow, name)) return `notRerun: ${name} ran anew`;
  }
  return undefined;
}

/** A node of a memoized resubmission that stands for a pod of the former run: nothing was run for it. */
function isTakenOver({ status }: Workflow, displayName: string): boolean {
  const nodes = Object.values(status?.nodes ?? {}).filter(
    (node) => node.displayName === displayName,
  );
  return nodes.length > 0 && nodes.every(({ type }) => type === 'Skipped');
}

async function logsDifference(
  { connection }: Line,
  workflow: Workflow,
  { expect }: WorkflowCase,
): Promise<string | undefined> {
  for (const [container, pattern] of Object.entries(expect.logs ?? {})) {
    const { name = '', namespace = '' } = workflow.metadata;
    const lines: string[] = [];
    for await (const line of connection.workflows.getLogs({ name, namespace, container })) {
      lines.push(line.content);
    }
    if (!new RegExp(pattern).test(lines.join('\n'))) {
      return `logs.${container}: expected /${pattern}/, found "${lines.join('\n')}"`;
    }
  }
  return undefined;
}

/** Nodes that took their result from a cache. */
function hitsDifference(workflow: Workflow, { expect }: WorkflowCase): string | undefined {
  if (expect.memoizationHits === undefined) return undefined;
  const nodes = Object.values(workflow.status?.nodes ?? {});
  const hits = nodes.filter((node) => node.memoizationStatus?.hit === true).length;
  if (hits === expect.memoizationHits) return undefined;
  return `memoizationHits: expected ${expect.memoizationHits}, found ${hits}`;
}

/** The run is gone by itself, a while after its end. */
async function deletedOutcome(line: Line, target: Target): Promise<CaseOutcome> {
  const isGone = async (): Promise<void> => {
    try {
      await get(line, target);
    } catch (thrown) {
      if (ArgosyError.fromUnknown(thrown).code === 'NOT_FOUND') return;
      throw thrown;
    }
    throw new Error('it is still there');
  };
  try {
    await eventually(isGone, { timeoutMs: ACTION_TIMEOUT_MS, intervalMs: 50 });
    return passed;
  } catch (thrown) {
    return failed(`deleted: ${ArgosyError.fromUnknown(thrown).message}`);
  }
}

/** The line with its REST side. */
interface HttpLine extends Line {
  readonly http: { readonly address: string; readonly token: string };
}

/** Reads the events of the run until all that are wanted have come, in their order. */
async function eventsDifference(
  { http, signal }: HttpLine,
  workflow: Workflow,
  { expect }: WorkflowCase,
): Promise<string | undefined> {
  if (expect.events === undefined) return undefined;
  const { name = '', namespace = '' } = workflow.metadata;
  const selector = encodeURIComponent(`involvedObject.kind=Workflow,involvedObject.name=${name}`);
  const url = `${http.address}/api/v1/stream/events/${namespace}?listOptions.fieldSelector=${selector}`;
  const leaving = new AbortController();
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${http.token}` },
    signal: AbortSignal.any([signal, leaving.signal, AbortSignal.timeout(ACTION_TIMEOUT_MS)]),
  });
  const reasons: string[] = [];
  let text = '';
  try {
    for await (const chunk of response.body ?? []) {
      text += new TextDecoder().decode(chunk);
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        reasons.push((JSON.parse(line) as { result: { reason: string } }).result.reason);
      }
      if (isSubsequence(expect.events, reasons)) return undefined;
    }
  } catch (thrown) {
    if (reasons.length === 0) throw thrown;
  } finally {
    leaving.abort();
  }
  return `events: expected ${expect.events.join(', ')}, found ${reasons.join(', ')}`;
}

function isSubsequence(wanted: readonly string[], found: readonly string[]): boolean {
  let at = 0;
  for (const reason of found) if (reason === wanted[at]) at += 1;
  return at === wanted.length;
}

/** Facts that this line cannot show yet; a case that states one has not passed. */
function unknownFacts({ expect }: WorkflowCase): string | undefined {
  for (const key of ['cron', 'variables'] as const) {
    if (expect[key] !== undefined) return `the fact "${key}" is not looked at yet`;
  }
  return undefined;
}
