import { ArgosyError } from '@argosy/base';
import type { KeyValueBucket, KeyValueEntry } from '@argosy/bus';
import { pause } from './pause.ts';

/** What keeps a copy of a part of a bucket, and hears how it is followed. Each call is awaited before the next one. */
export interface BucketFollower {
  /** Opened anew with every watch. */
  readonly bucket: () => Promise<KeyValueBucket>;
  /** Of the keys, as in `watch`. */
  readonly pattern: string;
  /** The keys that the copy has. */
  readonly keys: () => Iterable<string>;
  readonly onEntry: (entry: KeyValueEntry) => void | Promise<void>;
  /** A key of the copy that is not there any more: its deletion fell between two watches. */
  readonly onGone: (key: string) => void | Promise<void>;
  /** All that is there now has been seen; again after each watch that was lost. */
  readonly onCaughtUp: () => void;
  readonly onLost: (reason: string) => void;
  readonly signal: AbortSignal;
}

/** Wait before a lost watch is opened again: doubles from the first to the second. */
const WATCH_RETRY_MS_MIN = 100;
const WATCH_RETRY_MS_MAX = 5_000;

/** Keeps one watch open until the signal is aborted; never rejects. */
export async function followBucket(follower: BucketFollower): Promise<void> {
  const { signal } = follower;
  let waitMs = WATCH_RETRY_MS_MIN;
  while (!signal.aborted) {
    try {
      await watchOnce(follower, () => {
        waitMs = WATCH_RETRY_MS_MIN;
        follower.onCaughtUp();
      });
      if (signal.aborted) return;
      throw new Error('the watch ended');
    } catch (thrown) {
      if (signal.aborted) return;
      follower.onLost(ArgosyError.fromUnknown(thrown).message);
    }
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, WATCH_RETRY_MS_MAX);
  }
}

async function watchOnce(follower: BucketFollower, caughtUp: () => void): Promise<void> {
  const bucket = await follower.bucket();
  const unseen = new Set(follower.keys());
  for await (const notice of bucket.watch(follower.pattern, follower.signal)) {
    if (notice.kind === 'CaughtUp') {
      for (const key of unseen) await follower.onGone(key);
      unseen.clear();
      caughtUp();
      continue;
    }
    unseen.delete(notice.entry.key);
    await follower.onEntry(notice.entry);
  }
}
