import { BUCKETS, runKey } from '@argosy/api';
import { ArgosyError, partitionOf } from '@argosy/base';
import type { Bus, KeyValueBucket } from '@argosy/bus';
import { summarize, summaryBeforeStart, type RunSummary, type State } from '@argosy/core-workflow';
import { PROGRESS_INTERVAL_MS } from './config.ts';
import type { IndexedRun } from './indexed-run.ts';
import { createLiveRuns, type PartitionRuns } from './live-runs.ts';

/** Names a run in every way. */
export type RunName = Pick<RunSummary, 'uid' | 'namespace' | 'name'>;

/** An entry of the index. */
export interface FoundRun {
  readonly summary: RunSummary;
  readonly revision: number;
}

/** What became of a reservation or an update of the index. */
export type IndexOutcome = 'Written' | 'Unchanged' | 'Deleted' | 'NameTaken';

/**
 * The index of runs (KV `runs`), one summary per run. The key is the run's namespace and name, so that
 * creating it is what makes names unique.
 */
export interface Summaries {
  /** Takes the name for this uid, unless another run that exists has it. */
  reserve(run: RunName): Promise<IndexOutcome>;
  /**
   * Writes the summary when it says something new; a mere change of progress at most every
   * PROGRESS_INTERVAL_MS. `Deleted`: the run was removed from the index by a person. `Unchanged` also where a later
   * owner has written already.
   */
  write(state: State, progress: OwnerProgress): Promise<IndexOutcome>;
  forget(uid: string): void;
  forgetWhere(isMeant: (uid: string) => boolean): void;
  /** What a new owner of the partition has to take care of. */
  runsOf(partition: number): Promise<PartitionRuns>;
  /** The run as the index has it, if the name is still this run's. */
  find(run: RunName): Promise<FoundRun | undefined>;
}

/** How far an owner is with a run. */
export interface OwnerProgress {
  /** Sequence of the last message of the run's log. */
  readonly sequence: number;
  readonly isCancelling: boolean;
}

interface Written {
  readonly text: string;
  readonly essence: string;
  readonly atMs: number;
  readonly revision: number;
}

export async function createSummaries(
  bus: Bus,
  options: {
    readonly partitions: number;
    readonly now: () => number;
    /** Whether the run has begun, or will because its submission is stored. */
    readonly isSubmitted: (uid: string) => Promise<boolean>;
  },
): Promise<Summaries> {
  const bucket = await bus.keyValue(BUCKETS.runs);
  const written = new Map<string, Written>();
  const liveRuns = createLiveRuns(bucket, options.partitions, decodeSummary);
  return {
    async reserve(run) {
      const key = runKey(run.namespace, run.name);
      const entry = await bucket.get(key);
      const holder = decodeSummary(entry?.value);
      const remember = (revision: number): void => {
        written.set(run.uid, { text: '', essence: '', atMs: 0, revision });
      };
      if (entry !== undefined && holder?.uid === run.uid) {
        remember(entry.revision);
        return 'Unchanged';
      }
      if (holder !== undefined && (await options.isSubmitted(holder.uid))) return 'NameTaken';
      // A holder that was never submitted will not begin: its sender died between taking the name and sending the command.
      const value = encode(
        summaryBeforeStart(
          { metadata: run },
          { atMs: options.now(), partitions: options.partitions },
        ),
      );
      const revision =
        entry === undefined || entry.value === undefined
          ? await bucket.create(key, value)
          : await bucket.update(key, value, entry.revision);
      remember(revision);
      return 'Written';
    },
    write: (state, progress) => writeSummary({ bucket, written, ...options }, state, progress),
    forget: (uid) => void written.delete(uid),
    forgetWhere(isMeant) {
      for (const uid of written.keys()) if (isMeant(uid)) written.delete(uid);
    },
    runsOf: (partition) => liveRuns.of(partition),
    async find({ uid, namespace, name }) {
      const entry = await bucket.get(runKey(namespace, name));
      const summary = decodeSummary(entry?.value);
      if (entry === undefined || summary?.uid !== uid) return undefined;
      return { summary, revision: entry.revision };
    },
  };
}

async function writeSummary(
  index: {
    readonly bucket: KeyValueBucket;
    readonly written: Map<string, Written>;
    readonly partitions: number;
    readonly now: () => number;
  },
  state: State,
  progress: OwnerProgress,
): Promise<IndexOutcome> {
  const summary = summarize(state);
  const partition = partitionOf(summary.uid, index.partitions);
  const cancelling = progress.isCancelling && summary.finishedAt !== undefined;
  const complete: IndexedRun = { ...summary, partition, ...(cancelling ? { cancelling } : {}) };
  const text = JSON.stringify(complete);
  const essence = JSON.stringify({ ...complete, progress: '' });
  const before = index.written.get(summary.uid);
  if (before?.text === text) return 'Unchanged';
  if (before?.essence === essence && index.now() - before.atMs < PROGRESS_INTERVAL_MS) {
    return 'Unchanged';
  }
  const change = { summary: { ...complete, sequence: progress.sequence }, before };
  const done = await updateOwn(index.bucket, change);
  if (done.kind !== 'Written') return done.kind;
  index.written.set(summary.uid, { text, essence, atMs: index.now(), revision: done.revision });
  return done.isNews ? 'Written' : 'Unchanged';
}

type UpdateOutcome =
  | { readonly kind: 'Written'; readonly revision: number; readonly isNews: boolean }
  | { readonly kind: 'Unchanged' | 'Deleted' };

/** Updates the entry; when it changed under us it is only ours still if the uid is, and nobody is further. */
async function updateOwn(
  bucket: KeyValueBucket,
  { summary, before }: { readonly summary: IndexedRun; readonly before: Written | undefined },
): Promise<UpdateOutcome> {
  const key = runKey(summary.namespace, summary.name);
  const value = encode(summary);
  if (before !== undefined) {
    try {
      const revision = await bucket.update(key, value, before.revision);
      return { kind: 'Written', revision, isNews: true };
    } catch (thrown) {
      if (ArgosyError.fromUnknown(thrown).code !== 'CONFLICT') throw thrown;
    }
  }
  const entry = await bucket.get(key);
  const found: IndexedRun | undefined = decodeSummary(entry?.value);
  if (entry === undefined || found?.uid !== summary.uid) return { kind: 'Deleted' };
  if ((found.sequence ?? 0) > (summary.sequence ?? 0)) return { kind: 'Unchanged' };
  const revision = await bucket.update(key, value, entry.revision);
  const isNews = found.finishedAt === undefined || found.finishedAt !== summary.finishedAt;
  return { kind: 'Written', revision, isNews };
}

function encode(summary: RunSummary): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(summary));
}

/** Undefined also for what is no summary: one entry that is spoilt must not stop all the others. */
export function decodeSummary(value: Uint8Array | undefined): IndexedRun | undefined {
  if (value === undefined) return undefined;
  try {
    const summary = JSON.parse(new TextDecoder().decode(value)) as Partial<IndexedRun> | null;
    return typeof summary?.uid === 'string' ? (summary as IndexedRun) : undefined;
  } catch {
    return undefined;
  }
}
