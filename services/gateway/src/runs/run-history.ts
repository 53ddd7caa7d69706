import { createFactLogReader, factSubject, STREAMS } from '@argosy/api';
import { ArgosyError, partitionOf } from '@argosy/base';
import {
  createHistoryWriter,
  initialState,
  isFinished,
  workflowMachine,
  type Fact,
  type HistoryEntry,
  type RunSummary,
  type State,
  renderWorkflow,
} from '@argosy/core-workflow';
import { fixMoment, parseMoment, type FixedMoment, type Moment } from './moment.ts';
import { findRun, runObject, type RunObject, type RunTools } from './run-objects.ts';

/** One fact of a run, in words and as it is. */
export interface HistoryLine {
  readonly entry: HistoryEntry;
  readonly fact: Fact;
}

export interface HistoryRequest {
  readonly namespace: string;
  readonly name: string;
  /** Id, name or display name of a node. */
  readonly node?: string;
  /** As `parseMoment` reads them; both ends are included. */
  readonly since?: string;
  readonly until?: string;
  readonly follow?: boolean;
  readonly limit?: number;
}

function readMoment(text: string | undefined): Moment | undefined {
  return text === undefined || text === '' ? undefined : parseMoment(text, Date.now());
}

/**
 * What happened to a run, a stored batch of facts at a time. The run is folded on the way, by this reader alone: its
 * nodes have no names without that. With `follow` it ends when the run does.
 * @throws ArgosyError NOT_FOUND; INVALID_ARGUMENT for a moment that cannot be read.
 */
export async function* runHistory(
  tools: RunTools,
  request: HistoryRequest,
  signal: AbortSignal,
): AsyncIterable<readonly HistoryLine[]> {
  const selection = createSelection(request);
  const { uid } = await findRun(tools, request.namespace, request.name);
  const writer = createHistoryWriter();
  const state = initialState();
  // Who leaves a follower early has to close its subscription.
  const leaving = new AbortController();
  const inner = AbortSignal.any([signal, leaving.signal]);
  const follow = request.follow ?? false;
  try {
    for await (const batch of factsOf(tools, uid, { follow, signal: inner })) {
      const lines: HistoryLine[] = [];
      for (const fact of batch) {
        workflowMachine.evolve(state, fact);
        const entry = writer.describe(state, fact);
        if (selection.takes(entry)) lines.push({ entry, fact });
      }
      if (lines.length > 0) yield lines;
      if (selection.isOver() || (follow && isFinished(state))) return;
    }
  } finally {
    leaving.abort();
  }
}

interface Selection {
  takes(entry: HistoryEntry): boolean;
  /** No later fact will be taken. */
  isOver(): boolean;
}

function createSelection(request: HistoryRequest): Selection {
  const [since, until] = [readMoment(request.since), readMoment(request.until)];
  const limit = request.limit ?? 0;
  let left = limit > 0 ? limit : Number.POSITIVE_INFINITY;
  return {
    takes(entry) {
      const firstMs = entry.at - entry.offsetMs;
      if (until !== undefined && placeOf(entry, fixMoment(until, firstMs)) > 0) left = 0;
      const isBefore = since !== undefined && placeOf(entry, fixMoment(since, firstMs)) < 0;
      if (left === 0 || isBefore || !isAbout(entry, request.node)) return false;
      left -= 1;
      return true;
    },
    isOver: () => left === 0,
  };
}

async function* factsOf(
  tools: RunTools,
  uid: string,
  reading: { readonly follow: boolean; readonly signal: AbortSignal },
): AsyncIterable<readonly Fact[]> {
  const subject = factSubject(partitionOf(uid, tools.partitions), uid);
  const log = createFactLogReader();
  for await (const message of tools.bus.read(STREAMS.facts, subject, reading)) {
    yield log.take(message.event);
  }
}

/** Negative before the moment, 0 at it, positive after it. */
function placeOf({ sequence, at }: HistoryEntry, moment: FixedMoment): number {
  return moment.kind === 'Sequence' ? sequence - moment.sequence : at - moment.atMs;
}

function isAbout({ node }: HistoryEntry, wanted: string | undefined): boolean {
  if (wanted === undefined || wanted === '') return true;
  return [node?.id, node?.name, node?.displayName].includes(wanted);
}

/** A run as it was. */
export interface PastRun extends RunObject {
  /** Its last fact that was taken into account. */
  readonly sequence: number;
  /** The instant that is shown: the one asked for, or that of the last fact. */
  readonly atMs: number;
}

/**
 * The run as it was at a moment: folded from its facts up to there.
 * @throws ArgosyError NOT_FOUND; INVALID_ARGUMENT for a text that is no moment, for one before the run was
 *   submitted, after now, or beyond its last fact.
 */
export async function getRunAt(
  tools: RunTools,
  run: { readonly namespace: string; readonly name: string },
  text: string,
): Promise<PastRun> {
  const moment = parseMoment(text, Date.now());
  const summary = await findRun(tools, run.namespace, run.name);
  const folded = await foldUntil(tools, summary.uid, moment);
  const atMs = shownInstant(folded, moment, summary);
  const { sequence, state } = folded;
  // What the index knows of later times is no news of that time.
  const { startedAt: _startedAt, finishedAt: _finishedAt, ...lasting } = summary;
  const object = await runObject(tools, lasting, {
    uid: summary.uid,
    state,
    sequence,
    rendered: () => renderWorkflow(state),
  });
  return { ...object, sequence, atMs };
}

interface FoldedPart {
  readonly state: State;
  /** How many facts are in it. */
  readonly sequence: number;
  readonly lastMs: number;
  /** The instant of the first fact, also when it is not in it; undefined when there is none at all. */
  readonly firstMs: number | undefined;
}

async function foldUntil(tools: RunTools, uid: string, moment: Moment): Promise<FoldedPart> {
  const state = initialState();
  const signal = new AbortController().signal;
  let firstMs: number | undefined;
  let [sequence, lastMs] = [0, 0];
  for await (const batch of factsOf(tools, uid, { follow: false, signal })) {
    for (const fact of batch) {
      firstMs ??= fact.at;
      const end = fixMoment(moment, firstMs);
      const isBeyond = end.kind === 'Sequence' ? sequence >= end.sequence : fact.at > end.atMs;
      if (isBeyond) return { state, sequence, lastMs, firstMs };
      workflowMachine.evolve(state, fact);
      sequence += 1;
      lastMs = fact.at;
    }
  }
  return { state, sequence, lastMs, firstMs };
}

/** @throws ArgosyError INVALID_ARGUMENT when the moment lies outside of the run's history. */
function shownInstant(folded: FoldedPart, moment: Moment, { name }: RunSummary): number {
  const { sequence, firstMs, lastMs } = folded;
  if (firstMs === undefined) throw refusal(`Workflow "${name}" has not begun: it has no history.`);
  if (sequence === 0) {
    throw refusal(`Workflow "${name}" was not there then: it began at ${timeText(firstMs)}.`);
  }
  const fixed = fixMoment(moment, firstMs);
  if (fixed.kind === 'Time') {
    if (fixed.atMs > Date.now()) throw refusal(`${timeText(fixed.atMs)} has not come yet.`);
    return fixed.atMs;
  }
  if (sequence < fixed.sequence) {
    throw refusal(`Workflow "${name}" has ${sequence} facts: there is no #${fixed.sequence}.`);
  }
  return lastMs;
}

function refusal(message: string): ArgosyError {
  return new ArgosyError('INVALID_ARGUMENT', message);
}

function timeText(atMs: number): string {
  return new Date(atMs).toISOString();
}
