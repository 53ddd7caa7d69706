import { ArgosyError } from '@argosy/base';
import type { KeyValueBucket, KeyValueEntry } from '@argosy/bus';
import {
  bareWorkflow,
  decideCron,
  withSubmissionError,
  type CronDecision,
  type CronMoment,
} from '@argosy/core-workflow';
import {
  applyWorkflowDefaults,
  formatProblem,
  restrictionProblems,
  validateCronWorkflow,
  type ControllerConfig,
  type CronWorkflow,
} from '@argosy/model';
import { fetchReferencedTemplates } from '@argosy/shell';
import type { Bus } from '@argosy/bus';
import type { Logger } from '@argosy/telemetry';
import type { ChildActions, Origin } from './child-actions.ts';
import type { CronClock } from './clock.ts';
import type { CronChildren } from './cron-children.ts';
import type { CronMetrics } from './cron-metrics.ts';

/** What a pass over one CronWorkflow needs. */
export interface CronTools {
  readonly bus: Bus;
  readonly bucket: KeyValueBucket;
  readonly children: CronChildren;
  readonly actions: ChildActions;
  readonly clock: CronClock;
  readonly localZone: string;
  /** The installation's configuration as it is now. */
  readonly config: () => ControllerConfig;
  readonly logger: Logger;
  readonly metrics: CronMetrics;
}

/** What the owner of a CronWorkflow remembers between two passes; it starts empty when ownership begins. */
export interface CronMemory {
  /** Instants up to this one are dealt with, milliseconds. */
  since?: number;
  /** Next instant at which something may be due, milliseconds. */
  wakeAt?: number | undefined;
  generation?: number | undefined;
  wasSuspended?: boolean;
  specError?: string | undefined;
}

/** Tries of the compare-and-set before the pass is given up and repeated after a while. */
const STORE_TRIES_MAX = 5;

/**
 * Looks at a CronWorkflow and does what is to be done: first the runs, then the status, by compare-and-set, and
 * last the removal of old runs. A pass that was cut short is repeated as a whole.
 * @returns false when it is not declared (any more).
 * @throws ArgosyError when the bus is away or others keep writing.
 */
export async function passOver(
  tools: CronTools,
  key: string,
  memory: CronMemory,
): Promise<boolean> {
  await tools.children.ready();
  for (let attempt = 1; ; attempt += 1) {
    const entry = await tools.bucket.get(key);
    if (entry?.value === undefined) return false;
    const cron = JSON.parse(new TextDecoder().decode(entry.value)) as CronWorkflow;
    const at = tools.clock.now();
    const decision = await decide(tools, cron, { memory, at });
    try {
      await carryOut(tools, { cron, entry, decision, at });
    } catch (thrown) {
      const isConflict = ArgosyError.fromUnknown(thrown).code === 'CONFLICT';
      if (!isConflict || attempt >= STORE_TRIES_MAX) throw thrown;
      continue;
    }
    memory.since = at;
    memory.wakeAt = decision.wakeAt;
    memory.wasSuspended = cron.spec.suspend === true;
    return true;
  }
}

async function decide(
  tools: CronTools,
  cron: CronWorkflow,
  { memory, at }: { readonly memory: CronMemory; readonly at: number },
): Promise<CronDecision> {
  const { namespace = '', name = '' } = cron.metadata;
  await lookForActive(tools, cron);
  const { since } = await instantsDealtWith(tools, cron, { memory, at });
  const moment: CronMoment = {
    at,
    isResumed: memory.wasSuspended === true && cron.spec.suspend !== true,
    localZone: tools.localZone,
    specError: memory.specError,
    ...(since === undefined ? {} : { since }),
  };
  return decideCron({ cron, children: tools.children.of(namespace, name) }, moment);
}

/** A run that another owner has just submitted may not have come into our copy yet. */
async function lookForActive({ children }: CronTools, cron: CronWorkflow): Promise<void> {
  const { namespace = '' } = cron.metadata;
  for (const { uid = '', name = '' } of cron.status?.active ?? []) {
    if (!children.has(uid)) await children.fetch(namespace, name);
  }
}

/** Checks the manifest when it is new, was changed or has something due; tells what lies behind it. */
async function instantsDealtWith(
  tools: CronTools,
  cron: CronWorkflow,
  { memory, at }: { readonly memory: CronMemory; readonly at: number },
): Promise<{ readonly since: number | undefined }> {
  const { generation } = cron.metadata;
  const isChanged = memory.generation !== generation;
  const isDue = memory.wakeAt !== undefined && memory.wakeAt <= at;
  if (memory.since !== undefined && !isChanged && !isDue) return { since: memory.since };
  memory.specError = await specErrorOf(tools, cron);
  memory.generation = generation;
  // Under a schedule that was just written no instant has passed yet.
  const isFresh = memory.since !== undefined && isChanged && !isDue;
  return { since: isFresh ? at : memory.since };
}

/** What keeps a run of it from beginning, with the installation's defaults under it. */
async function specErrorOf(tools: CronTools, cron: CronWorkflow): Promise<string | undefined> {
  const { workflowDefaults, templateReferencing } = tools.config();
  const workflow = applyWorkflowDefaults(bareWorkflow(cron, ''), workflowDefaults);
  const { namespace } = cron.metadata;
  const placed = { ...workflow, metadata: namespace === undefined ? {} : { namespace } };
  const lookup = await fetchReferencedTemplates(tools.bus, placed);
  const problems = [
    ...restrictionProblems(placed, templateReferencing),
    ...validateCronWorkflow(cron, {
      lookup,
      missingReference: 'error',
      ...(workflowDefaults === undefined ? {} : { defaults: workflowDefaults }),
    }),
  ];
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return undefined;
  return errors.map((problem) => formatProblem(problem)).join('; ');
}

async function carryOut(
  tools: CronTools,
  work: {
    readonly cron: CronWorkflow;
    readonly entry: KeyValueEntry;
    readonly decision: CronDecision;
    readonly at: number;
  },
): Promise<void> {
  const { cron, entry, decision, at } = work;
  const { namespace = '', name = '' } = cron.metadata;
  const origin = { namespace, name, at };
  for (const run of decision.terminate) await tools.actions.terminate(run, origin);
  const next = await submitted(tools, decision, origin);
  if (next !== cron) {
    const value = new TextEncoder().encode(JSON.stringify(next));
    await tools.bucket.update(entry.key, value, entry.revision);
  }
  for (const run of decision.remove) await tools.actions.remove(run);
  const { passedOver } = decision;
  if (passedOver === undefined) return;
  tools.metrics.instants.add(1, { outcome: 'passed-over' });
  tools.logger.debug(
    { namespace, cron: name, reason: passedOver },
    'an instant starts no workflow',
  );
}

/** Submits what is to be; gives what is to be stored. */
async function submitted(
  tools: CronTools,
  { cron, submit }: CronDecision,
  origin: Origin,
): Promise<CronWorkflow> {
  if (submit === undefined) return cron;
  const { workflow, instantMs, recorded } = submit;
  const { namespace, name } = origin;
  const refusal = await tools.actions.submit(workflow, origin);
  const fields = { namespace, cron: name, workflow: workflow.metadata.name };
  if (refusal !== undefined) {
    tools.metrics.instants.add(1, { outcome: 'failed' });
    tools.logger.warn(
      { ...fields, reason: refusal },
      'the workflow of an instant is not submitted',
    );
    return withSubmissionError(cron, `Failed to submit Workflow: ${refusal}`);
  }
  await tools.children.fetch(namespace, workflow.metadata.name ?? '');
  tools.metrics.instants.add(1, { outcome: 'submitted' });
  tools.metrics.delay.observe((origin.at - instantMs) / 1_000);
  tools.logger.info(fields, 'a schedule starts a workflow');
  return recorded;
}
