// What a simulated case shares with other workflows: locks that somebody else holds, limits, and results in caches.
import {
  createInstallation,
  performShared,
  tellLocks,
  type Installation,
} from '@argosy/core-workflow/testing';
import type { Effect, Input, LockKey, MemoEntry } from '@argosy/core-workflow';
import type { Manifest, Workflow } from '@argosy/model';
import type { Simulate } from './simulate.ts';

/** The locks and caches that a case begins with. */
export function installationOf(
  workflow: Workflow,
  { simulate, manifests }: { readonly simulate: Simulate; readonly manifests: readonly Manifest[] },
): Installation {
  const namespace = workflow.metadata.namespace ?? 'default';
  const installation = createInstallation({
    limits: limitsOf(manifests, namespace),
    caches: cachesOf(simulate.cache, namespace),
  });
  if (simulate.locks !== undefined) holdElsewhere(installation, workflow, simulate.locks);
  return installation;
}

/** Limits of semaphores: every value of a ConfigMap that is a number. */
function limitsOf(manifests: readonly Manifest[], namespace: string): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const manifest of manifests) {
    if (manifest.kind !== 'ConfigMap') continue;
    const { name = '', namespace: own = namespace } = manifest.metadata;
    for (const [key, value] of Object.entries(manifest.data ?? {})) {
      if (/^\d+$/.test(value)) limits[`${own}/ConfigMap/${name}/${key}`] = Number(value);
    }
  }
  return limits;
}

/** `KEY is present in CACHE`, or `{configMap: CACHE, KEY: entry}`, in which the time may be `now`. */
function cachesOf(cache: unknown, namespace: string): Record<string, Record<string, MemoEntry>> {
  const present = typeof cache === 'string' ? /^(\S+) is present in (\S+)$/.exec(cache) : null;
  if (present !== null) {
    const [, key = '', name = ''] = present;
    return { [`${namespace}/${name}`]: { [key]: entryOf({}) } };
  }
  if (typeof cache !== 'object' || cache === null) return {};
  const { configMap, ...entries } = cache as Record<string, unknown>;
  const filled = Object.entries(entries).map(([key, entry]) => [key, entryOf(entry)] as const);
  return { [`${namespace}/${String(configMap)}`]: Object.fromEntries(filled) };
}

function entryOf(given: unknown): MemoEntry {
  const now = new Date().toISOString();
  const entry = (given ?? {}) as Partial<MemoEntry>;
  const { creationTimestamp = now } = entry;
  return {
    nodeID: entry.nodeID ?? 'former-node',
    outputs: entry.outputs ?? null,
    creationTimestamp: creationTimestamp === 'now' ? now : creationTimestamp,
    lastHitTimestamp: entry.lastHitTimestamp ?? now,
  };
}

/** `NS/Mutex/NAME is held by another workflow`, or `the mutex …` for those that the manifest names. */
function holdElsewhere(installation: Installation, workflow: Workflow, text: string): void {
  const named = /(\S+)\/Mutex\/(\S+)/.exec(text);
  const { metadata, spec } = workflow;
  const namespace = named?.[1] ?? metadata.namespace ?? 'default';
  const sources = [spec, ...(spec.templates ?? [])];
  const mutexes = sources.flatMap(({ synchronization }) => synchronization?.mutexes ?? []);
  const names = named?.[2] === undefined ? mutexes.map(({ name = '' }) => name) : [named[2]];
  const locks = names.map((name): LockKey => ({ kind: 'Mutex', namespace, name, key: '' }));
  const other = { holder: 'other_run_0', uid: 'other', workflow: 'other' };
  const request = { ...other, namespace, locks, priority: 0, createdAtMs: 0 };
  tellLocks(installation, { kind: 'Acquire', at: 0, request });
}

/** Does what a run owes to what it shares with others; answers what it is told because of it. */
export function answersTo(
  installation: Installation,
  effect: Effect,
  of: { readonly uid: string; readonly at: number },
): readonly Input[] {
  const messages = performShared(installation, effect, of);
  return messages.filter(({ uid }) => uid === of.uid).map(({ input }) => input);
}
