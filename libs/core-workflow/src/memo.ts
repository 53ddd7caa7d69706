import type { Outputs } from '@argosy/model';

/** Where results are remembered: a ConfigMap, which is made when it is first needed. */
export interface MemoCache {
  readonly namespace: string;
  readonly name: string;
}

/** What a node asks a cache for. */
export interface MemoQuery {
  readonly cache: MemoCache;
  readonly key: string;
  /** Older results do not count; absent: any age. */
  readonly maxAgeMs?: number;
}

/** One remembered result, as Argo keeps it: the value of a key of the ConfigMap is its JSON. */
export interface MemoEntry {
  readonly nodeID: string;
  readonly outputs: Outputs | null;
  /** RFC 3339. */
  readonly creationTimestamp: string;
  readonly lastHitTimestamp: string;
}

/** What was found under a key. */
export type MemoOutcome =
  | { readonly kind: 'Hit'; readonly entry: MemoEntry }
  | { readonly kind: 'Miss' }
  /** The cache cannot be used, for example because its ConfigMap is no cache. */
  | { readonly kind: 'Refused'; readonly message: string };
