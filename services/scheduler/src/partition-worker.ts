import { commandFilter, STREAMS } from '@argosy/api';
import { ArgosyError, err, ok, partitionOf, type Refusal, type Result } from '@argosy/base';
import type { Bus, Delivery } from '@argosy/bus';
import {
  isFinished,
  step,
  summarize,
  streamOwed,
  takeOwed,
  workflowMachine,
  type Fact,
  type Input,
} from '@argosy/core-workflow';
import type { ControllerConfig } from '@argosy/model';
import { traceFields, type Logger } from '@argosy/telemetry';
import type { Canceller, Cancellation } from './canceller.ts';
import { BATCH_COMMANDS_MAX, COMMAND_RETRY_MS_MAX, COMMAND_RETRY_MS_MIN } from './config.ts';
import { decodeOrder, type Order } from './order.ts';
import type { Durations } from './durations.ts';
import { endOversizedRun } from './oversize.ts';
import { isOwedAfterEnd, performEffects, type EffectTools, type Performed } from './effects.ts';
import type { Expiries } from './retention/expiries.ts';
import type { Fences } from './fences.ts';
import type { KeyedQueue } from './keyed-queue.ts';
import { returnLocks } from './locks/return-locks.ts';
import { answer } from './reply.ts';
import type { RunCache } from './run-cache.ts';
import type { LoadedRun, RunLog } from './run-log.ts';
import type { SchedulerMetrics } from './scheduler-metrics.ts';
import type { Snapshotter } from './snapshots/snapshotter.ts';
import type { Submission } from './submission.ts';
import type { IndexOutcome, Summaries } from './summaries.ts';
import type { RunObserver } from './workflow-metrics/run-observer.ts';

/** Everything a partition shares with the other partitions of this scheduler. */
export interface WorkerTools extends EffectTools {
  readonly bus: Bus;
  readonly log: RunLog;
  readonly cache: RunCache;
  readonly queue: KeyedQueue;
  readonly summaries: Summaries;
  readonly submission: Submission;
  readonly canceller: Canceller;
  readonly durations: Durations;
  readonly expiries: Expiries;
  readonly observer: RunObserver;
  readonly snapshotter: Snapshotter;
  readonly metrics: SchedulerMetrics;
  readonly logger: Logger;
  /** Which partitions are ours, and since when. */
  readonly fences: Fences;
  /** How many partitions the installation has. */
  readonly partitions: number;
  /** The installation's configuration as it is now. */
  readonly config: () => ControllerConfig;
  /** The run could not be moved on: it is loaded again in a while. */
  readonly postpone: (uid: string, thrown: unknown) => void;
}

/**
 * After this time the commands that a dead owner had in hand come again. Short, because a second delivery of a
 * command that is still being handled changes nothing.
 */
const ACK_WAIT_MS = 5_000;

/** After this time nobody is relied upon to hear a refusal; gateways wait longer than that. */
const SENDER_PATIENCE_MS = 2_000;

/**
 * Consumes the commands of one partition until the signal is aborted: the only writer of the facts of its
 * runs. Meanwhile every live run is loaded and what it owes is done again: a command for one that is not loaded yet loads
 * it, so that nobody waits for the runs of others. One that cannot be loaded does not hold them up either.
 */
export async function workPartition(
  tools: WorkerTools,
  partition: number,
  { signal, fence }: { readonly signal: AbortSignal; readonly fence: number },
): Promise<void> {
  tools.fences.begin(partition, fence);
  const failed = new AbortController();
  const inner = AbortSignal.any([signal, failed.signal]);
  const takingOver = takeOver(tools, partition, inner).catch((thrown: unknown) => {
    failed.abort();
    throw thrown;
  });
  // Waited for below; until then a failure must not count as unhandled.
  takingOver.catch(() => undefined);
  try {
    await tools.bus.consume(
      {
        stream: STREAMS.commands,
        durable: `scheduler-${partition}`,
        filterSubjects: [commandFilter(partition)],
        ackWaitMs: ACK_WAIT_MS,
      },
      (batch) => handleBatch(tools, batch),
      { batchSize: BATCH_COMMANDS_MAX, signal: inner },
    );
    await takingOver;
  } finally {
    failed.abort();
    await takingOver.catch(() => undefined);
    leavePartition(tools, partition);
  }
}

async function takeOver(tools: WorkerTools, partition: number, signal: AbortSignal): Promise<void> {
  const { live: uids, expiring } = await tools.summaries.runsOf(partition);
  for (const summary of expiring) tools.expiries.look(summary);
  for (const uid of uids) {
    if (signal.aborted) return;
    await tools.queue
      .run(uid, () => resumeRun(tools, uid))
      .catch((thrown: unknown) => {
        tools.postpone(uid, thrown);
      });
  }
  if (uids.length > 0) tools.logger.info({ partition, runs: uids.length }, 'live runs taken over');
}

/** Somebody else writes these runs from here on: what is in memory would grow stale. */
function leavePartition(tools: WorkerTools, partition: number): void {
  const isLeft = (uid: string): boolean => partitionOf(uid, tools.partitions) === partition;
  tools.fences.end(partition);
  tools.cache.dropPartition(partition);
  tools.timers.clearWhere(isLeft);
  tools.canceller.forgetWhere(isLeft);
  tools.summaries.forgetWhere(isLeft);
  tools.submission.forgetWhere(isLeft);
  tools.expiries.forgetWhere(isLeft);
  tools.observer.forgetWhere(isLeft);
  tools.metrics.liveRuns.set(tools.cache.liveCount());
}

function writeIndex(tools: WorkerTools, uid: string, run: LoadedRun): Promise<IndexOutcome> {
  const isCancelling = isFinished(run.state) && tools.canceller.isCancelling(uid);
  return tools.summaries.write(run.state, { sequence: run.sequence, isCancelling });
}

/** A task that was cancelled while it still waited: nobody will report it but us. */
export async function reportNeverRan(
  tools: WorkerTools,
  cancellation: Cancellation,
): Promise<void> {
  const { uid, taskId, reason } = cancellation;
  await tools.queue.run(uid, async () => {
    const run = await loadRun(tools, uid);
    if (run.sequence > 0) {
      await advance(tools, uid, run, {
        kind: 'ReportTask',
        at: tools.now(),
        report: {
          taskId,
          kind: 'Finished',
          phase: 'Failed',
          message: `ended before it started (${reason})`,
        },
      });
    }
    tools.canceller.settled(taskId);
    if (run.sequence > 0 && isFinished(run.state)) {
      await writeIndex(tools, uid, run);
      tools.summaries.forget(uid);
    }
  });
}

/** A timer of the run is due. */
export async function tickRun(tools: WorkerTools, uid: string): Promise<void> {
  await tools.queue.run(uid, async () => {
    const run = await loadRun(tools, uid);
    if (run.sequence > 0) await advance(tools, uid, run, { kind: 'Tick', at: tools.now() });
  });
}

async function handleBatch(tools: WorkerTools, batch: readonly Delivery[]): Promise<void> {
  const orders = new Map<string, Order[]>();
  for (const delivery of batch) {
    const order = decodeOrder(delivery);
    if (!order.ok) {
      delivery.drop(order.error);
      continue;
    }
    const known = orders.get(order.value.uid);
    if (known === undefined) orders.set(order.value.uid, [order.value]);
    else known.push(order.value);
  }
  await Promise.all(
    Array.from(orders, ([uid, list]) => tools.queue.run(uid, () => carryOut(tools, uid, list))),
  );
}

/** All commands for one run of one batch: decide, append, answer, act, ack, in this order. */
async function carryOut(tools: WorkerTools, uid: string, orders: readonly Order[]): Promise<void> {
  const beganAtMs = tools.now();
  try {
    const run = await loadRun(tools, uid, { isNew: orders[0]?.kind === 'Submit' });
    const facts: Fact[] = [];
    const refusals = new Map<Order, Refusal>();
    for (const order of orders) {
      const decided = await decideOrder(tools, run, order);
      if (decided.ok) for (const fact of decided.value) facts.push(fact);
      else refusals.set(order, decided.error);
    }
    if (facts.length === 0 && run.sequence > 0) await tools.log.confirm(uid, run);
    await append(tools, uid, run, facts);
    // The decisions are durable: their senders need not wait for what follows from them.
    for (const order of orders) settle(tools, order, refusals.get(order));
    await returnLocks(tools.bus, orders, refusals);
    await act(tools, uid, run);
    await Promise.all(orders.map((order) => order.delivery.ack()));
    tools.metrics.operationSeconds.observe((tools.now() - beganAtMs) / 1_000);
  } catch (thrown) {
    tools.cache.drop(uid);
    const error = ArgosyError.fromUnknown(thrown);
    tools.metrics.errors.add(1, { cause: error.code });
    const fields = { uid, code: error.code, message: error.message };
    const trace = traceFields(orders[0]?.delivery.traceparent);
    tools.logger.warn({ ...fields, ...trace }, 'commands put back');
    for (const { delivery } of orders) delivery.retry(retryDelayMs(delivery.deliveryCount));
  }
}

function retryDelayMs(deliveryCount: number): number {
  const doublings = Math.min(deliveryCount - 1, 16);
  return Math.min(COMMAND_RETRY_MS_MIN * 2 ** doublings, COMMAND_RETRY_MS_MAX);
}

/** Decides one command on the loaded run, whose state moves on; nothing is durable yet. */
async function decideOrder(
  tools: WorkerTools,
  run: LoadedRun,
  order: Order,
): Promise<Result<readonly Fact[], Refusal>> {
  const input = await inputOf(tools, run, order);
  if (!input.ok) return input;
  if (input.value === undefined) return ok([]);
  const decided = step(run.state, input.value);
  if (!decided.ok) return decided;
  run.state = decided.value.state;
  return ok(decided.value.facts);
}

/** The core's input for a command; undefined when there is nothing left to do for it. */
async function inputOf(
  tools: WorkerTools,
  run: LoadedRun,
  order: Order,
): Promise<Result<Input | undefined, Refusal>> {
  const at = tools.now();
  const began = isBegun(run);
  if (order.kind === 'Submit') {
    if (began) return ok(undefined);
    const { storedAtMs, replyTo } = order.delivery;
    const header = await tools.submission.accept(order.submit, {
      atMs: storedAtMs,
      isAwaited: replyTo !== undefined && at - storedAtMs < SENDER_PATIENCE_MS,
    });
    if (!header.ok) return header;
    run.traceparent = tools.submission.beginTrace(order.submit, order.delivery.traceparent);
    return ok({ kind: 'Submit', at, run: header.value });
  }
  if (!began) return err({ code: 'NotFound', message: `no run has the uid ${order.uid}` });
  switch (order.kind) {
    case 'Report':
      return ok({ kind: 'ReportTask', at, report: order.report });
    case 'Control':
      return ok({ kind: 'Control', at, command: order.command });
    case 'Locks':
      return ok({ kind: 'LocksReported', at, holder: order.holder, outcome: order.outcome });
    case 'Memo':
      return ok({ kind: 'MemoReported', at, node: order.node, outcome: order.outcome });
  }
}

function isBegun(run: LoadedRun): boolean {
  return run.sequence > 0 || run.traceparent !== undefined;
}

/** Answers the sender, and keeps the canceller informed about tasks. */
function settle(tools: WorkerTools, order: Order, refusal: Refusal | undefined): void {
  answer(tools.bus, order.delivery, refusal);
  tools.metrics.commands.add(1, { kind: order.kind, outcome: refusal?.code ?? 'Accepted' });
  if (refusal !== undefined) {
    const trace = traceFields(order.delivery.traceparent);
    const fields = { uid: order.uid, kind: order.kind, ...refusal, ...trace };
    tools.logger.info(fields, 'command refused');
  }
  if (order.kind !== 'Report') return;
  if (order.report.kind === 'Finished') tools.canceller.settled(order.report.taskId);
  else if (order.report.executor !== undefined) {
    tools.canceller.runsOn(order.report.taskId, order.report.executor, order.uid);
  }
}

/** From memory, or folded from the log; then what was owed before is done again. */
async function loadRun(
  tools: WorkerTools,
  uid: string,
  options: { readonly isNew?: boolean } = {},
): Promise<LoadedRun> {
  const fence = tools.fences.of(uid);
  if (fence === undefined) {
    throw new ArgosyError('CONFLICT', `the run ${uid} belongs to another scheduler`);
  }
  const known = tools.cache.get(uid);
  // What was kept from an earlier ownership of the partition is not up to date.
  if (known?.fence === fence) return known;
  const run = await tools.log.load(uid, { ...options, fence });
  if (run.sequence === 0) return run;
  const effects = [...workflowMachine.owed(run.state)];
  // What became owed while folding is part of all that is owed, and is not to be done twice.
  takeOwed(run.state);
  tools.cache.put(uid, run);
  tools.observer.adopt(summarize(run.state));
  const owed = isFinished(run.state) ? effects.filter(isOwedAfterEnd) : effects;
  const performed = await performEffects(tools, owed, { uid, run, repeated: true });
  await feedBack(tools, { uid, run }, performed);
  return run;
}

/** Takes over one live run: loading it does again what it owes; then it goes on where it stopped. */
async function resumeRun(tools: WorkerTools, uid: string): Promise<void> {
  const run = await loadRun(tools, uid);
  if (run.sequence === 0) return;
  await advance(tools, uid, run, { kind: 'Advance', at: tools.now() });
}

async function advance(
  tools: WorkerTools,
  uid: string,
  run: LoadedRun,
  input: Input,
): Promise<void> {
  const decided = step(run.state, input);
  if (!decided.ok) return;
  run.state = decided.value.state;
  await append(tools, uid, run, decided.value.facts);
  await act(tools, uid, run);
}

/** Makes facts durable. */
async function append(
  tools: WorkerTools,
  uid: string,
  run: LoadedRun,
  facts: readonly Fact[],
): Promise<void> {
  const appended = facts.length > 0 ? await tools.log.append(uid, run, facts) : ok(undefined);
  if (!appended.ok) await endOversizedRun(tools, uid, { run, facts, tooLarge: appended.error });
  tools.metrics.facts.add(facts.length);
  if (run.sequence > 0) tools.cache.put(uid, run);
  tools.metrics.liveRuns.set(tools.cache.liveCount());
}

/** Does what the durable facts made owed, and tells the index. */
async function act(tools: WorkerTools, uid: string, run: LoadedRun): Promise<void> {
  if (run.sequence === 0) return;
  // What is to be cancelled is known before the index is written, which tells a new owner of it.
  const performing = performEffects(tools, streamOwed(run.state), { uid, run, repeated: false });
  const [outcome, performed] = await Promise.all([writeIndex(tools, uid, run), performing]);
  const finished = isFinished(run.state);
  if (finished) tools.submission.endTrace(run.state);
  if (finished || outcome === 'Deleted') {
    tools.timers.clear(uid);
    tools.summaries.forget(uid);
  }
  if (outcome === 'Written') {
    const summary = summarize(run.state);
    tools.expiries.look(summary);
    tools.observer.look(summary);
    if (finished) await tools.durations.note(summary);
  }
  if (finished) tools.customMetrics.runEnded(uid);
  if (outcome === 'Deleted') {
    tools.submission.forgetWhere((known) => known === uid);
    tools.observer.forgetWhere((known) => known === uid);
    tools.cache.drop(uid);
  }
  tools.snapshotter.look(uid, run);
  await feedBack(tools, { uid, run }, performed);
}

/** Tells the run what came of what it owed. Tasks that can never be sent end in Error, so that it goes on and says why. */
async function feedBack(
  tools: WorkerTools,
  { uid, run }: { readonly uid: string; readonly run: LoadedRun },
  { undeliverable, inputs }: Performed,
): Promise<void> {
  const told = [...inputs];
  for (const { taskId, reason } of undeliverable) {
    const fields = { uid, taskId, reason, ...traceFields(run.traceparent) };
    tools.logger.warn(fields, 'a task is too large to be sent');
    const report = { taskId, kind: 'Finished', phase: 'Error', message: reason } as const;
    told.push({ kind: 'ReportTask', at: tools.now(), report });
  }
  if (told.length === 0) return;
  const facts: Fact[] = [];
  for (const input of told) {
    const decided = step(run.state, input);
    if (!decided.ok) continue;
    run.state = decided.value.state;
    for (const fact of decided.value.facts) facts.push(fact);
  }
  await append(tools, uid, run, facts);
  await act(tools, uid, run);
}
