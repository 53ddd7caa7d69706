import { BUCKETS, textOfToken } from '@argosy/api';
import type { Bus, KeyValueEntry } from '@argosy/bus';
import type { Logger } from '@argosy/telemetry';
import { followBucket } from './follow-bucket.ts';

/** A manifest as it is declared in the KV `resources`. */
export interface DeclaredResource {
  readonly key: string;
  /** In lower case, as in the key. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** The manifest; its shape is not checked here. */
  readonly manifest: unknown;
  /** Revision of the entry, for compare-and-set. */
  readonly revision: number;
}

/** A live copy of the manifests of some kinds. */
export interface DeclaredResources {
  get(key: string): DeclaredResource | undefined;
  ofKind(kind: string): readonly DeclaredResource[];
  /** Why the copy may be stale now; undefined while it is followed. */
  readonly trouble: string | undefined;
}

export interface FollowResourcesOptions {
  readonly bus: Bus;
  /** Kinds in lower case. */
  readonly kinds: readonly string[];
  /** Called after each change, with the key; also for deletions. Must not throw. */
  readonly onChange: (key: string) => void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Follows the declared manifests of some kinds until the signal is aborted. Resolves when all that is
 * declared now was seen. A lost watch is opened again; what was deleted meanwhile is noticed then.
 * An entry that is not JSON counts as absent and is logged.
 */
export async function followResources(options: FollowResourcesOptions): Promise<DeclaredResources> {
  const entries = new Map<string, DeclaredResource>();
  const troubles = new Map<string, string>();
  const firstPasses = options.kinds.map(
    (kind) =>
      new Promise<void>((resolve) => {
        const follower = { ...options, kind, entries, troubles, onCaughtUp: resolve };
        void followKind(follower).then(resolve);
      }),
  );
  await Promise.all(firstPasses);
  return {
    get: (key) => entries.get(key),
    ofKind: (kind) => Array.from(entries.values()).filter((entry) => entry.kind === kind),
    get trouble() {
      return Array.from(troubles.values())[0];
    },
  };
}

interface KindFollower extends FollowResourcesOptions {
  readonly kind: string;
  readonly entries: Map<string, DeclaredResource>;
  readonly troubles: Map<string, string>;
  readonly onCaughtUp: () => void;
}

function followKind(follower: KindFollower): Promise<void> {
  const { bus, kind, entries, troubles, logger, onChange, signal } = follower;
  return followBucket({
    bucket: () => bus.keyValue(BUCKETS.resources),
    pattern: `${kind}.>`,
    keys: () => [...entries.keys()].filter((key) => key.startsWith(`${kind}.`)),
    onEntry: (entry) => applyEntry(follower, entry),
    onGone: (key) => {
      if (entries.delete(key)) onChange(key);
    },
    onCaughtUp: () => {
      if (troubles.delete(kind)) logger.info({ kind }, 'declared resources are followed again');
      follower.onCaughtUp();
    },
    onLost: (reason) => {
      if (!troubles.has(kind)) {
        logger.warn({ kind, reason }, 'declared resources are not followed; trying again');
      }
      troubles.set(kind, `the ${kind} manifests are not followed: ${reason}`);
    },
    signal,
  });
}

function applyEntry(follower: KindFollower, entry: KeyValueEntry): void {
  const { entries, logger, onChange } = follower;
  const known = entries.get(entry.key);
  if (known !== undefined && known.revision >= entry.revision) return;
  const resource = entry.value === undefined ? undefined : decodeResource(entry, entry.value);
  if (resource === undefined) {
    if (entry.value !== undefined) {
      logger.error({ key: entry.key }, 'a declared resource is not JSON and is ignored');
    }
    if (!entries.delete(entry.key)) return;
  } else {
    entries.set(entry.key, resource);
  }
  onChange(entry.key);
}

function decodeResource(entry: KeyValueEntry, value: Uint8Array): DeclaredResource | undefined {
  const [kind, namespace, name] = entry.key.split('.').map(textOfToken);
  if (kind === undefined || namespace === undefined || name === undefined) return undefined;
  try {
    const manifest: unknown = JSON.parse(new TextDecoder().decode(value));
    return { key: entry.key, kind, namespace, name, manifest, revision: entry.revision };
  } catch {
    return undefined;
  }
}
