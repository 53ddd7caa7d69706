import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  connect,
  openHome,
  startEmbedded,
  type Connection,
  type EmbeddedRuntime,
} from '@argosy/cli';
import { subjectToken } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { parseManifests, type NodeStatus, type Workflow } from '@argosy/model';
import { createLogger } from '@argosy/telemetry';
import { eventually, temporaryDirectory, type TemporaryDirectory } from '@argosy/testkit';
import { parseAllDocuments } from 'yaml';
import { failed, passed, type CaseOutcome, type ConformanceContext } from '../adapter.ts';
import type { CaseAction, WorkflowCase } from './case.ts';
import { differenceOf } from './expectation.ts';

/** The real line, from the gateway to processes of this machine, on which cases are run. */
export interface LiveLine {
  run(conformanceCase: WorkflowCase, context: ConformanceContext): Promise<CaseOutcome>;
  stop(): Promise<void>;
}

const encoder = new TextEncoder();
const RUN_TIMEOUT_MS = 100_000;
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
    run: (conformanceCase, context) => runCase({ connection, ...context }, conformanceCase),
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

interface Line extends ConformanceContext {
  readonly connection: Connection;
}

/** Every case has a namespace of its own, so that cases do not see one another's templates. */
async function runCase(line: Line, conformanceCase: WorkflowCase): Promise<CaseOutcome> {
  const namespace = subjectToken(conformanceCase.name).slice(0, 60).toLowerCase();
  const texts = [...(conformanceCase.setup ?? []), conformanceCase.file];
  const manifests = texts.flatMap((file) => readManifests(line, file));
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
  const workflow = await finished(line, { namespace, name: first.name });
  const difference =
    differenceOf(workflow, conformanceCase.expect) ??
    parallelDifference(workflow, conformanceCase) ??
    timeDifference(workflow, conformanceCase) ??
    rerunDifference(workflow, conformanceCase, first.before) ??
    (await logsDifference(line, workflow, conformanceCase)) ??
    unknownFacts(conformanceCase);
  return difference === undefined ? passed : failed(difference);
}

type RawManifest = Record<string, unknown>;

/** The file's manifests without their namespace: they go into the case's own. */
function readManifests(line: Line, file: string): RawManifest[] {
  const text = readFileSync(join(line.corpusDirectory, file), 'utf8');
  return readDocuments(text).map((manifest) => {
    const metadata = { ...(manifest['metadata'] as RawManifest | undefined) };
    delete metadata['namespace'];
    return { ...manifest, metadata };
  });
}

/** Argo reads some texts that YAML's specification refuses: those are left to the product's own reader. */
function readDocuments(text: string): readonly RawManifest[] {
  const documents = [...parseAllDocuments(text, { version: '1.1' })];
  if (documents.some(({ errors }) => errors.length > 0)) {
    return parseManifests(text).manifests.map(({ manifest }) => ({ ...manifest }));
  }
  return documents
    .map((document) => document.toJS() as RawManifest | null)
    .filter((manifest) => manifest !== null);
}

interface Submission {
  readonly conformanceCase: WorkflowCase;
  readonly namespace: string;
  readonly workflows: readonly RawManifest[];
  readonly manifests: readonly RawManifest[];
}

async function submitAll(line: Line, submission: Submission): Promise<readonly string[]> {
  const { conformanceCase, namespace, workflows } = submission;
  const options = submitOptions(conformanceCase);
  const template = templateOf(submission);
  if (template !== undefined) {
    const answer = await line.connection.workflows.submitWorkflow({
      namespace,
      source: { case: 'template', value: template },
      options,
    });
    return [answer.summary?.name ?? ''];
  }
  const names: string[] = [];
  for (const [index, manifest] of workflows.entries()) {
    const isLast = index === workflows.length - 1;
    const answer = await line.connection.workflows.submitWorkflow({
      namespace,
      source: { case: 'manifest', value: encode(suspendedIfAsked(manifest, conformanceCase)) },
      ...(isLast ? { options } : {}),
    });
    names.push(answer.summary?.name ?? '');
    // What stands before the last run of a file is its preparation.
    if (!isLast) await finished(line, { namespace, name: answer.summary?.name ?? '' });
  }
  return names;
}

/** An action right at the creation is part of the manifest: there is no moment between. */
function suspendedIfAsked(manifest: RawManifest, { actions = [] }: WorkflowCase): RawManifest {
  const asked = actions.some((action) => action.when === 'created' && action.do === 'suspend');
  if (!asked) return manifest;
  return { ...manifest, spec: { ...(manifest['spec'] as RawManifest), suspend: true } };
}

function submitOptions({ submit }: WorkflowCase): {
  readonly parameters: Record<string, string>;
  readonly scheduledTime: string;
} {
  const parameters = Object.entries(submit?.parameters ?? {}).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return {
    parameters: Object.fromEntries(parameters) as Record<string, string>,
    scheduledTime: submit?.scheduledTime ?? '',
  };
}

function templateOf({
  conformanceCase,
  manifests,
}: Submission): { readonly kind: string; readonly name: string } | undefined {
  const from = conformanceCase.submit?.fromTemplate;
  if (typeof from === 'string') {
    const [kind = '', name = ''] = from.split('/');
    return { kind, name };
  }
  if (from !== true) return undefined;
  const template = manifests.findLast((manifest) => manifest['kind'] !== 'ConfigMap');
  const metadata = template?.['metadata'] as { readonly name?: string } | undefined;
  return { kind: String(template?.['kind']), name: metadata?.name ?? '' };
}

interface Target {
  readonly namespace: string;
  readonly name: string;
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
    if (action.memoized === true) throw new Error('a memoized resubmission is not offered yet');
    return (await workflows.resubmitWorkflow(target)).summary?.name;
  }
  const call = ACTIONS[action.do];
  if (call === undefined) throw new Error(`the action "${action.do}" is not known`);
  await call(workflows, target, action);
  return undefined;
}

async function get({ connection }: Line, target: Target): Promise<Workflow> {
  const { workflow } = await connection.workflows.getWorkflow(target);
  const text = new TextDecoder().decode(workflow?.workflowJson);
  return JSON.parse(text) as Workflow;
}

async function finished(line: Line, target: Target): Promise<Workflow> {
  const stream = line.connection.workflows.watchWorkflow(
    { ...target, includeJson: true },
    { signal: AbortSignal.any([line.signal, AbortSignal.timeout(RUN_TIMEOUT_MS)]) },
  );
  let last: Workflow | undefined;
  for await (const { workflow } of stream) {
    last = JSON.parse(new TextDecoder().decode(workflow?.workflowJson)) as Workflow;
  }
  if (last === undefined) throw new Error(`${target.name} was not found`);
  return last;
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
    if (startOf(workflow, name) !== startOf(before, name)) return `notRerun: ${name} ran anew`;
  }
  return undefined;
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

/** Facts that this line cannot show yet; a case that states one has not passed. */
function unknownFacts({ expect }: WorkflowCase): string | undefined {
  for (const key of ['cron', 'deleted', 'events', 'memoizationHits', 'variables'] as const) {
    if (expect[key] !== undefined) return `the fact "${key}" is not looked at yet`;
  }
  return undefined;
}

function encode(manifest: RawManifest): Uint8Array {
  return encoder.encode(JSON.stringify(manifest));
}
