// Cases of CronWorkflows that run: gateway, scheduler and executor on a bus in memory, processes of this machine, and
// schedules by a clock that is moved on.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ResourceService, WorkflowService } from '@argosy/api';
import { createMemoryBus } from '@argosy/bus';
import { startExecutor } from '@argosy/executor';
import { startGateway } from '@argosy/gateway';
import type { CronWorkflow, Workflow } from '@argosy/model';
import { createRpcClient, type RpcClient } from '@argosy/rpc';
import { startScheduler } from '@argosy/scheduler';
import { createLogger, createMetrics, createTracing } from '@argosy/telemetry';
import { eventually, fakeClock, temporaryDirectory, type FakeClock } from '@argosy/testkit';
import { failed, passed, type CaseOutcome } from '../adapter.ts';
import type { WorkflowCase } from './case.ts';

const NAMESPACE = 'default';
const TOKEN = 'conformance';
const CRON_LABEL = 'workflows.argoproj.io/cron-workflow';
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** How long upstream looks when the case does not say: one instant of `* * * * *` is in it. */
const AFTER_SECONDS_DEFAULT = 65;
/** How long the machine may take for what an instant starts. */
const SETTLE_TIMEOUT_MS = 15_000;

/** `expect.cron` of a case. */
interface CronFacts {
  readonly afterSeconds?: number;
  readonly active?: number;
  readonly lastScheduledTime?: string;
  readonly phase?: string;
  readonly succeeded?: number;
  readonly failed?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly finishedChildrenKept?: number;
  readonly suspend?: boolean;
  readonly childrenAfter?: string;
  readonly startsWithinSeconds?: number;
  readonly childPhase?: string;
}

interface CronLine {
  readonly clock: FakeClock;
  readonly resources: RpcClient<typeof ResourceService>;
  readonly workflows: RpcClient<typeof WorkflowService>;
  stop(): Promise<void>;
}

/** Judges one case with `expect.cron` that is run. */
export async function runCronCase(
  given: WorkflowCase,
  context: { readonly corpusDirectory: string },
): Promise<CaseOutcome> {
  const line = await startCronLine();
  try {
    const difference = await play(line, given, context.corpusDirectory);
    return difference === undefined ? passed : failed(difference);
  } finally {
    await line.stop();
  }
}

async function startCronLine(): Promise<CronLine> {
  const bus = createMemoryBus();
  const directory = await temporaryDirectory('argosy-cron-');
  const clock = fakeClock(Date.now());
  const level = process.env['ARGOSY_LOG_LEVEL'] ?? 'fatal';
  const contextOf = (name: string) => ({
    bus,
    replicaId: name,
    logger: createLogger({ name, level }),
    metrics: createMetrics(),
    tracing: createTracing({ serviceName: name }),
    advertiseHost: '127.0.0.1',
  });
  const rpc = { rpcHost: '127.0.0.1', rpcPort: 0, partitions: 2 };
  const scheduler = await startScheduler(contextOf('scheduler'), {
    ...rpc,
    zone: 'UTC',
    clock: {
      now: () => clock.nowMs(),
      callAt: (atMs, callback) => clock.setTimer(atMs - clock.nowMs(), callback),
    },
  });
  const executor = await startExecutor(contextOf('executor'), {
    ...rpc,
    pool: 'default',
    dataDirectory: directory.path,
  });
  const gateway = await startGateway(contextOf('gateway'), {
    ...rpc,
    httpHost: '127.0.0.1',
    httpPort: 0,
    tokens: [TOKEN],
  });
  const options = { token: TOKEN };
  const resources = createRpcClient(ResourceService, gateway.rpcAddress, options);
  const workflows = createRpcClient(WorkflowService, gateway.rpcAddress, options);
  return {
    clock,
    resources,
    workflows,
    async stop() {
      for (const client of [resources, workflows]) client.close();
      for (const service of [gateway, scheduler, executor]) await service.stop(0);
      await bus[Symbol.asyncDispose]();
      await directory.remove();
    },
  };
}

async function play(
  line: CronLine,
  given: WorkflowCase,
  corpusDirectory: string,
): Promise<string | undefined> {
  const facts = given.expect.cron as CronFacts;
  const unknown = Object.keys(facts).find((key) => !KNOWN_FACTS.has(key));
  if (unknown !== undefined) return `the fact "${unknown}" is not looked at`;
  const manifests = readFileSync(join(corpusDirectory, given.file));
  const applied = await line.resources.applyResources({
    namespace: NAMESPACE,
    manifests,
    kind: 'CronWorkflow',
  });
  const name = applied.resources[0]?.resource?.name ?? '';
  await armed(line);
  for (const action of given.actions ?? []) {
    if (action.when !== 'created' || action.do !== 'suspend') return `unknown action ${action.do}`;
    await line.resources.suspendCronWorkflow({ namespace: NAMESPACE, name, suspended: true });
  }
  const seconds = facts.afterSeconds ?? facts.startsWithinSeconds ?? AFTER_SECONDS_DEFAULT;
  await passTime(line, name, seconds * SECOND_MS);
  return lastDifference(() => differenceOf(line, name, facts));
}

const KNOWN_FACTS = new Set([
  ...['afterSeconds', 'active', 'lastScheduledTime', 'phase', 'succeeded', 'failed', 'labels'],
  ...['finishedChildrenKept', 'suspend', 'childrenAfter', 'startsWithinSeconds', 'childPhase'],
]);

/** The schedule waits for its next instant. */
async function armed({ clock }: CronLine): Promise<void> {
  await eventually(
    () => {
      if (clock.waiting === 0) throw new Error('no instant is waited for');
    },
    { timeoutMs: SETTLE_TIMEOUT_MS },
  );
}

/** Moves the clock on, from minute to minute; what an instant starts gets the real time that it takes. */
async function passTime(line: CronLine, name: string, durationMs: number): Promise<void> {
  const endMs = line.clock.nowMs() + durationMs;
  while (line.clock.nowMs() < endMs) {
    const nowMs = line.clock.nowMs();
    const minuteMs = (Math.floor(nowMs / MINUTE_MS) + 1) * MINUTE_MS;
    await line.clock.advance(Math.min(minuteMs, endMs) - nowMs);
    await armed(line);
    await calm(line, name);
  }
}

/** What runs runs on its own: everything that was started has a task at work or has ended and was counted. */
async function calm(line: CronLine, name: string): Promise<void> {
  await eventually(
    async () => {
      const cron = await fetchCron(line, name);
      const runs = await children(line, name);
      const active = new Set((cron.status?.active ?? []).map((reference) => reference.name));
      for (const run of runs) {
        const isOver = Boolean(run.status?.finishedAt);
        const isAtWork = run.status?.progress === '0/1' && run.status.phase === 'Running';
        if (isOver ? active.has(run.metadata.name) : !isAtWork) throw new Error('not yet');
      }
    },
    { timeoutMs: SETTLE_TIMEOUT_MS, intervalMs: 50 },
  );
  // A short command is over in this time, so that its end counts before the next instant.
  await new Promise((resolve) => {
    setTimeout(resolve, SECOND_MS);
  });
}

async function fetchCron({ resources }: CronLine, name: string): Promise<CronWorkflow> {
  const wanted = { kind: 'CronWorkflow', namespace: NAMESPACE, name };
  const { resource } = await resources.getResource(wanted);
  return JSON.parse(new TextDecoder().decode(resource?.manifestJson)) as CronWorkflow;
}

/** The runs of the CronWorkflow that exist now. */
async function children({ workflows }: CronLine, name: string): Promise<readonly Workflow[]> {
  const filter = { labelSelector: `${CRON_LABEL}=${name}` };
  const listed = await workflows.listWorkflows({ namespace: NAMESPACE, filter });
  return listed.workflows.map((run) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name: run.name, uid: run.uid },
    spec: {},
    status: {
      phase: run.phase as NonNullable<Workflow['status']>['phase'] & string,
      progress: run.progress,
      finishedAt: run.finishedAt === undefined ? null : String(run.finishedAt.seconds),
    },
  }));
}

/** Asks until there is no difference, or for as long as the machine may take. */
async function lastDifference(ask: () => Promise<string | undefined>): Promise<string | undefined> {
  let last: string | undefined;
  const untilSame = async (): Promise<void> => {
    last = await ask();
    if (last !== undefined) throw new Error(last);
  };
  await eventually(untilSame, { timeoutMs: SETTLE_TIMEOUT_MS, intervalMs: 100 }).catch(
    () => undefined,
  );
  return last;
}

async function differenceOf(
  line: CronLine,
  name: string,
  facts: CronFacts,
): Promise<string | undefined> {
  const cron = await fetchCron(line, name);
  const runs = await children(line, name);
  const found = { ...statusFacts(cron), ...childFacts(runs, facts) };
  for (const [key, wanted] of Object.entries(facts)) {
    if (key in found && found[key] !== wanted) {
      return `cron.${key}: expected ${String(wanted)}, found ${String(found[key])}`;
    }
  }
  const labels = cron.metadata.labels ?? {};
  for (const [key, wanted] of Object.entries(facts.labels ?? {})) {
    if (labels[key] !== wanted) return `cron.labels.${key}: expected ${wanted}`;
  }
  return lastScheduledDifference(facts, cron.status?.lastScheduledTime, line.clock.nowMs());
}

function statusFacts({ status = {}, spec }: CronWorkflow): Readonly<Record<string, unknown>> {
  const { active = [], phase, succeeded = 0, failed = 0 } = status;
  return { active: active.length, phase, succeeded, failed, suspend: spec.suspend ?? false };
}

function childFacts(
  runs: readonly Workflow[],
  facts: CronFacts,
): Readonly<Record<string, unknown>> {
  return {
    finishedChildrenKept: runs.filter((run) => Boolean(run.status?.finishedAt)).length,
    childrenAfter: runs.length === 0 ? 'none new while suspended' : `${runs.length} runs`,
    childPhase: runs[0]?.status?.phase,
    startsWithinSeconds: runs.length === 0 ? 'never' : facts.startsWithinSeconds,
  };
}

function lastScheduledDifference(
  { lastScheduledTime: wanted }: CronFacts,
  text: string | null | undefined,
  nowMs: number,
): string | undefined {
  if (wanted === undefined) return undefined;
  const agoMs = nowMs - Date.parse(text ?? '');
  const holds: Readonly<Record<string, boolean>> = {
    'more than a minute ago': agoMs > MINUTE_MS,
    'within the last minute': agoMs <= MINUTE_MS,
  };
  return holds[wanted] === true
    ? undefined
    : `cron.lastScheduledTime: expected ${wanted}, found ${text ?? 'none'} (${agoMs} ms ago)`;
}
