import { timeText } from '@argosy/base';
import type {
  Condition,
  CronWorkflow,
  CronWorkflowStatus,
  ObjectReference,
  Workflow,
} from '@argosy/model';
import type { RunSummary } from '../summary.ts';
import { childWorkflow, referenceTo } from './child.ts';
import { isToStop, passesWhen } from './conditions.ts';
import { surplusRuns } from './history.ts';
import {
  childName,
  childUid,
  CRON_COMPLETED_LABEL,
  instantOfChild,
  LAST_USED_SCHEDULE,
} from './keys.ts';
import {
  lastInstant,
  nextInstant,
  scheduleText,
  timetableOf,
  type Timetable,
} from './timetable.ts';

/**
 * The rules of CronWorkflows. The state is the object itself, as it is declared, and its runs, as the index has them;
 * a decision can be made again at any time and then gives what is still to be done.
 *
 * | state            | what comes                  | what follows                                             |
 * | ---------------- | --------------------------- | -------------------------------------------------------- |
 * | any              | a run of it has ended       | out of `active`, counted; the oldest beyond the limits go |
 * | any              | the stop strategy holds     | Stopped, labelled as completed                           |
 * | Active           | an instant                  | a run, unless `when` or the policy says no               |
 * | Active, Replace  | an instant                  | the active runs are terminated, then a run               |
 * | suspended        | an instant                  | nothing                                                  |
 * | Stopped          | an instant                  | nothing                                                  |
 * | spec not valid   | an instant                  | condition SpecError                                      |
 * | any              | an owner takes charge       | at most one run that was missed                          |
 */
export interface CronView {
  readonly cron: CronWorkflow;
  /** Every run that carries its label, in its namespace. */
  readonly children: readonly RunSummary[];
}

/** What the decider is told besides the state. Milliseconds since 1970. */
export interface CronMoment {
  readonly at: number;
  /** Instants up to this one are dealt with; absent when whoever asks has just taken charge. */
  readonly since?: number;
  /** It was suspended until now: a run that was missed meanwhile counts like one missed by an absent owner. */
  readonly isResumed?: boolean;
  /** Zone of a CronWorkflow that names none. */
  readonly localZone: string;
  /** What is wrong with the manifest. */
  readonly specError?: string | undefined;
}

/** Names a run. */
export type CronRun = Pick<RunSummary, 'uid' | 'namespace' | 'name'>;

/** What follows. To be done in this order: terminate, submit, store, remove. */
export interface CronDecision {
  readonly terminate: readonly CronRun[];
  readonly submit?: {
    readonly instantMs: number;
    readonly workflow: Workflow;
    /** To be stored instead of `cron` once the run is submitted. */
    readonly recorded: CronWorkflow;
  };
  /** To be stored; the very object that was given when nothing changed. */
  readonly cron: CronWorkflow;
  /** Finished runs beyond the history limits. */
  readonly remove: readonly CronRun[];
  /** The instant at which to ask again. */
  readonly wakeAt?: number;
  /** Why an instant passed without a run, for the log. */
  readonly passedOver?: string;
}

/**
 * An instant this long ago is still on time, milliseconds: a change of owners or a pause of the process
 * costs no run. A shorter `startingDeadlineSeconds` is kept to.
 */
export const CRON_ON_TIME_MS = 10_000;

/** What is to be done about a CronWorkflow now. Never fails: what is wrong becomes a condition. */
export function decideCron(view: CronView, moment: CronMoment): CronDecision {
  const timetable = timetableOf(view.cron, moment.localZone);
  const remove = surplusRuns(view.cron.spec, view.children);
  const draft = draftOf(view.cron);
  const hasEnded = takeStock(draft, view.children);
  if (!timetable.ok) {
    setCondition(draft, 'SpecError', moment.specError ?? timetable.error);
    return { terminate: [], cron: finish(draft), remove };
  }
  setCondition(draft, 'SpecError', moment.specError);
  const due = dueInstant({ ...view.cron, status: draft.status }, timetable.value, moment);
  if (draft.annotations[LAST_USED_SCHEDULE] === undefined || due !== undefined) {
    draft.annotations[LAST_USED_SCHEDULE] = scheduleText(view.cron.spec);
  }
  checkStop(draft, { at: moment.at, isTime: hasEnded || due !== undefined });
  const wakeAt = nextInstant(timetable.value, moment.at);
  const decision = due === undefined ? { terminate: [] } : decideInstant(draft, due, moment.at);
  return {
    ...decision,
    cron: finish(draft),
    remove,
    ...(wakeAt === undefined ? {} : { wakeAt }),
  };
}

/** What an instant makes; the draft is changed when nothing can be made. */
function decideInstant(
  draft: Draft,
  due: number,
  at: number,
): Pick<CronDecision, 'terminate' | 'submit' | 'passedOver'> {
  const obstacle = obstacleTo(draft, at);
  if (obstacle !== undefined) return { terminate: [], passedOver: obstacle };
  const isReplaced = draft.cron.spec.concurrencyPolicy === 'Replace';
  return {
    terminate: isReplaced ? draft.active.map(runOf) : [],
    submit: submission(draft, due),
  };
}

/** The CronWorkflow after its run could not be submitted: as with Argo that counts as a failed run. */
export function withSubmissionError(cron: CronWorkflow, message: string): CronWorkflow {
  const draft = draftOf(cron);
  failSubmission(draft, message);
  return finish(draft);
}

/** Resumed by a person. One that its stop strategy has stopped begins anew, and so does its counting. */
export function resumedCron(cron: CronWorkflow): CronWorkflow {
  const draft = draftOf({ ...cron, spec: { ...cron.spec, suspend: false } });
  if (draft.status.phase !== 'Stopped') return finish(draft);
  draft.status = { ...draft.status, phase: 'Active', succeeded: 0, failed: 0 };
  delete draft.labels[CRON_COMPLETED_LABEL];
  return finish(draft);
}

/** What a decision changes, until it is put together. */
interface Draft {
  readonly cron: CronWorkflow;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  status: CronWorkflowStatus;
  active: readonly ObjectReference[];
  conditions: readonly Condition[];
}

function draftOf(cron: CronWorkflow): Draft {
  const { labels, annotations } = cron.metadata;
  const status = cron.status ?? {};
  return {
    cron,
    labels: { ...labels },
    annotations: { ...annotations },
    status,
    active: status.active ?? [],
    conditions: status.conditions ?? [],
  };
}

function finish(draft: Draft): CronWorkflow {
  const { cron, labels, annotations, active, conditions } = draft;
  const { active: _active, conditions: _conditions, ...counts } = draft.status;
  const status = {
    ...counts,
    ...(active.length === 0 ? {} : { active }),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
  const metadata = {
    ...cron.metadata,
    ...(hasEntries(labels) || cron.metadata.labels !== undefined ? { labels } : {}),
    ...(hasEntries(annotations) ? { annotations } : {}),
  };
  const next = {
    ...cron,
    metadata,
    ...(hasEntries(status) || cron.status !== undefined ? { status } : {}),
  };
  return JSON.stringify(next) === JSON.stringify(cron) ? cron : next;
}

function hasEntries(value: object): boolean {
  return Object.keys(value).length > 0;
}

/**
 * Brings `active` and the counts in line with the index; true when a run has ended. A run that was submitted but
 * not recorded, because the owner died in between, is recorded now.
 */
function takeStock(draft: Draft, children: readonly RunSummary[]): boolean {
  const known = new Map(children.map((child) => [child.uid, child]));
  const named = new Set(draft.active.map(({ uid }) => uid));
  const added = children.filter(
    (child) =>
      !named.has(child.uid) && (child.finishedAt === undefined || isUnrecorded(draft, child)),
  );
  for (const child of added) recordInstant(draft, child);
  const listed = [...draft.active, ...added.map(referenceTo)];
  const ended = listed.map(({ uid = '' }) => known.get(uid)).filter((child) => child?.finishedAt);
  const succeeded = ended.filter((child) => child?.phase === 'Succeeded').length;
  draft.active = listed.filter(
    ({ uid = '' }) => known.get(uid)?.finishedAt === undefined && known.has(uid),
  );
  if (ended.length === 0) return false;
  draft.status = {
    ...draft.status,
    succeeded: (draft.status.succeeded ?? 0) + succeeded,
    failed: (draft.status.failed ?? 0) + ended.length - succeeded,
  };
  return true;
}

/** The run of an instant after the last one that was recorded. */
function isUnrecorded(draft: Draft, child: RunSummary): boolean {
  const instantMs = ownInstant(draft, child);
  return instantMs !== undefined && instantMs > lastScheduledMs(draft.cron);
}

function recordInstant(draft: Draft, child: RunSummary): void {
  const instantMs = ownInstant(draft, child);
  if (
    instantMs === undefined ||
    instantMs <= lastScheduledMs({ ...draft.cron, status: draft.status })
  ) {
    return;
  }
  draft.status = {
    ...draft.status,
    phase: draft.status.phase || 'Active',
    lastScheduledTime: timeText(instantMs),
  };
}

/** The instant that a run was submitted for by an owner of this CronWorkflow; a person's runs have none. */
function ownInstant({ cron }: Draft, child: RunSummary): number | undefined {
  const instantMs = instantOfChild(cron.metadata.name ?? '', child.name);
  if (instantMs === undefined) return undefined;
  return child.uid === childUid(cron.metadata, instantMs) ? instantMs : undefined;
}

function lastScheduledMs({ status }: Pick<CronWorkflow, 'status'>): number {
  const parsed = Date.parse(status?.lastScheduledTime ?? '');
  return Number.isNaN(parsed) ? Number.NEGATIVE_INFINITY : parsed;
}

/**
 * The one instant to run now. Of several that have passed it is the last: what was missed before is not made up.
 * It must be on time, or less than `startingDeadlineSeconds` ago; whoever takes charge looks back to the last run,
 * but not under a schedule that was changed since it was last used.
 */
function dueInstant(
  cron: CronWorkflow,
  timetable: Timetable,
  moment: CronMoment,
): number | undefined {
  const { at, since, isResumed = false } = moment;
  const lastMs = lastScheduledMs(cron);
  const isChanged = cron.metadata.annotations?.[LAST_USED_SCHEDULE] !== scheduleText(cron.spec);
  const looksBack = since === undefined || isResumed;
  if (looksBack && isChanged) {
    const afterMs = Math.max(since ?? at, lastMs);
    return onTime(cron, timetable, { at, afterMs });
  }
  const fromMs = looksBack ? lastMs : Math.max(since, lastMs);
  const missed =
    fromMs === Number.NEGATIVE_INFINITY
      ? undefined
      : lastInstant(timetable, { afterMs: fromMs, untilMs: at });
  if (missed !== undefined && at < missed + deadlineMsOf(cron)) return missed;
  return onTime(cron, timetable, { at, afterMs: Math.max(since ?? timetable.anchorMs, lastMs) });
}

function onTime(
  cron: CronWorkflow,
  timetable: Timetable,
  { at, afterMs }: { readonly at: number; readonly afterMs: number },
): number | undefined {
  const instant = lastInstant(timetable, { afterMs, untilMs: at });
  const patienceMs = Math.min(deadlineMsOf(cron) || CRON_ON_TIME_MS, CRON_ON_TIME_MS);
  return instant !== undefined && at - instant <= patienceMs ? instant : undefined;
}

/** 0 when there is none. */
function deadlineMsOf({ spec }: CronWorkflow): number {
  return (spec.startingDeadlineSeconds ?? 0) * 1_000;
}

/** A strategy that cannot be evaluated is told at any time; one that is fulfilled counts when a run ends or begins. */
function checkStop(
  draft: Draft,
  { at, isTime }: { readonly at: number; readonly isTime: boolean },
): void {
  const isBroken = draft.conditions.some(({ type }) => type === 'SpecError');
  if (isBroken || draft.status.phase === 'Stopped') return;
  const verdict = isToStop(finish(draft), at);
  if (!verdict.ok) return setCondition(draft, 'SpecError', verdict.error);
  if (!verdict.value || !isTime) return;
  draft.status = { ...draft.status, phase: 'Stopped' };
  draft.labels[CRON_COMPLETED_LABEL] = 'true';
}

/** Why an instant makes no run; undefined when it makes one. */
function obstacleTo(draft: Draft, at: number): string | undefined {
  const { spec } = draft.cron;
  const isBroken = draft.conditions.find(({ type }) => type === 'SpecError');
  if (isBroken !== undefined) return isBroken.message ?? 'the spec is not valid';
  if (spec.suspend === true) return 'it is suspended';
  if (draft.status.phase === 'Stopped') return 'its stop strategy has stopped it';
  const verdict = passesWhen(finish(draft), at);
  if (!verdict.ok) {
    failSubmission(draft, `run policy error: ${verdict.error}`);
    return verdict.error;
  }
  if (!verdict.value) return '`when` is false';
  const isBusy = spec.concurrencyPolicy === 'Forbid' && draft.active.length > 0;
  return isBusy ? 'a run is active and concurrencyPolicy is Forbid' : undefined;
}

function submission(draft: Draft, instantMs: number): NonNullable<CronDecision['submit']> {
  const { cron, active, status, conditions } = draft;
  const { name = '', namespace } = cron.metadata;
  const run = {
    name: childName(name, instantMs),
    uid: childUid(cron.metadata, instantMs),
    ...(namespace === undefined ? {} : { namespace }),
  };
  const recorded = finish({
    ...draft,
    active: [...active.filter(({ uid }) => uid !== run.uid), referenceTo(run)],
    status: { ...status, phase: 'Active', lastScheduledTime: timeText(instantMs) },
    conditions: conditions.filter(({ type }) => type !== 'SubmissionError'),
  });
  return { instantMs, workflow: childWorkflow(cron, instantMs), recorded };
}

function failSubmission(draft: Draft, message: string): void {
  setCondition(draft, 'SubmissionError', message);
  draft.status = { ...draft.status, failed: (draft.status.failed ?? 0) + 1 };
}

/** Sets a condition, or takes it away when there is nothing to say. */
function setCondition(draft: Draft, type: Condition['type'], message: string | undefined): void {
  const others = draft.conditions.filter((condition) => condition.type !== type);
  draft.conditions =
    message === undefined ? others : [...others, { type, status: 'True', message }];
}

function runOf({ uid = '', name = '', namespace = '' }: ObjectReference): CronRun {
  return { uid, name, namespace };
}
