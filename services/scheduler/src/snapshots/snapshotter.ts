import { ArgosyError } from '@argosy/base';
import { isFinished, snapshotText } from '@argosy/core-workflow';
import { pause } from '@argosy/shell';
import type { Logger } from '@argosy/telemetry';
import type { KeyedQueue } from '../keyed-queue.ts';
import type { RunCache } from '../run-cache.ts';
import type { LoadedRun } from '../run-log.ts';
import type { SnapshotStore, StateText } from './snapshot-store.ts';

/** Sees to it that a live run never has many facts after its last snapshot. */
export interface Snapshotter {
  /** To be called after each change of a run: takes a snapshot soon, or removes it, if that is due. Costs nothing else. */
  look(uid: string, run: LoadedRun): void;
  /** Ends; what is not taken yet is not taken any more. */
  stop(): Promise<void>;
}

/** Bytes of facts that are not worth a snapshot: they are folded in a few milliseconds. */
const TAIL_BYTES_MIN = 256 * 1024;
/** Wait until a run that grew is looked at: many are finished by then and need none. */
const DELAY_MS = 1_000;
/** After each snapshot comes a rest this many times as long as it took from the thread that decides. */
const REST_FACTOR = 19;

export interface SnapshotterOptions {
  readonly store: SnapshotStore;
  readonly cache: RunCache;
  readonly queue: KeyedQueue;
  readonly logger: Logger;
  /** Default DELAY_MS. */
  readonly delayMs?: number;
  /** Default TAIL_BYTES_MIN. */
  readonly tailBytesMin?: number;
}

/**
 * One snapshot at a time, of the run that has waited longest; so they take a twentieth of the time at most. A run gets one
 * when its facts since the last have as many bytes as that one, so that all snapshots of a run together cost
 * as much as its facts.
 */
export function createSnapshotter(options: SnapshotterOptions): Snapshotter {
  const { store, cache, logger, delayMs = DELAY_MS } = options;
  const tailBytesMin = options.tailBytesMin ?? TAIL_BYTES_MIN;
  const waiting = new Set<string>();
  const stopping = new AbortController();
  const { signal } = stopping;
  let working: Promise<void> | undefined;

  const work = async (): Promise<void> => {
    for (let [uid] = waiting; uid !== undefined && !signal.aborted; [uid] = waiting) {
      await pause(delayMs, signal);
      waiting.delete(uid);
      const tookMs = await keepOne(options, uid, signal);
      await pause(tookMs * REST_FACTOR, signal);
    }
    working = undefined;
  };

  return {
    look(uid, run) {
      if (isFinished(run.state)) {
        waiting.delete(uid);
        if (run.snapshotBytes === 0) return;
        run.snapshotBytes = 0;
        store.remove(uid).catch((thrown: unknown) => {
          const { message } = ArgosyError.fromUnknown(thrown);
          logger.warn({ uid, message }, 'the snapshots of a finished run are still there');
        });
        return;
      }
      if (run.tailBytes < Math.max(tailBytesMin, run.snapshotBytes)) return;
      waiting.add(uid);
      working ??= work();
    },
    async stop() {
      stopping.abort();
      waiting.clear();
      await working;
    },
  };

  /** Milliseconds for which nothing of this run was decided. */
  async function keepOne(
    { queue }: SnapshotterOptions,
    uid: string,
    stopped: AbortSignal,
  ): Promise<number> {
    if (stopped.aborted) return 0;
    const beganMs = performance.now();
    let tookMs = 0;
    try {
      const taken = await queue.run(uid, async () => {
        const begunMs = performance.now();
        const text = await take(uid, cache.get(uid));
        tookMs = performance.now() - begunMs;
        return text;
      });
      if (taken === undefined) return tookMs;
      const bytes = await store.save(taken);
      const run = cache.get(uid);
      // It may have ended, or have been deleted, while this was stored.
      if (run === undefined || isFinished(run.state)) await store.remove(uid);
      else run.snapshotBytes = bytes;
      const wholeMs = Math.round(performance.now() - beganMs);
      logger.debug({ uid, bytes, tookMs: Math.round(tookMs), wholeMs }, 'snapshot taken');
    } catch (thrown) {
      const { message } = ArgosyError.fromUnknown(thrown);
      logger.warn({ uid, message }, 'no snapshot could be taken');
    }
    return tookMs;
  }
}

/** Milliseconds after which others may do something before more of a state is written. */
const SLICE_MS = 8;

/**
 * In its turn among the commands for the run, so that the state is what the facts up to its sequence say, and stays so;
 * the commands for other runs go on meanwhile.
 */
async function take(uid: string, run: LoadedRun | undefined): Promise<StateText | undefined> {
  if (run === undefined || run.sequence === 0 || isFinished(run.state)) return undefined;
  const pieces: string[] = [];
  let beganMs = performance.now();
  for (const piece of snapshotText(run.state)) {
    pieces.push(piece);
    if (performance.now() - beganMs < SLICE_MS) continue;
    await new Promise(setImmediate);
    beganMs = performance.now();
  }
  run.tailBytes = 0;
  return { uid, sequence: run.sequence, traceparent: run.traceparent, text: pieces.join('') };
}
