import type { Effect } from '../effect.ts';
import type { Input } from '../input.ts';
import { lockName } from '../locks/lock-key.ts';
import { stepLocks } from '../locks/machine.ts';
import type { LockEffect, LockInput } from '../locks/messages.ts';
import { initialLocks, type LockState } from '../locks/state.ts';
import type { MemoCache, MemoEntry, MemoOutcome } from '../memo.ts';
import { parseTime } from '../times.ts';

/** What runs share: the locks and the caches, kept in memory. */
export interface Installation {
  readonly locks: LockState;
  /** Limits of semaphores by Argo's lock name; others do not exist. */
  readonly limits: Map<string, number>;
  /** Cache as `<namespace>/<name>` → key → entry. */
  readonly caches: Map<string, Map<string, MemoEntry>>;
  /** ConfigMaps that are no caches, as `<namespace>/<name>`, with what is wrong with them. */
  readonly refusedCaches: Map<string, string>;
}

export interface InstallationOptions {
  readonly limits?: Readonly<Record<string, number>>;
  readonly caches?: Readonly<Record<string, Readonly<Record<string, MemoEntry>>>>;
  readonly refusedCaches?: Readonly<Record<string, string>>;
}

/** An input for one of the runs. */
export interface Message {
  readonly uid: string;
  readonly input: Input;
}

export function createInstallation(options: InstallationOptions = {}): Installation {
  const { limits = {}, caches = {}, refusedCaches = {} } = options;
  return {
    locks: initialLocks(),
    limits: new Map(Object.entries(limits)),
    caches: new Map(
      Object.entries(caches).map(([name, entries]) => [name, new Map(Object.entries(entries))]),
    ),
    refusedCaches: new Map(Object.entries(refusedCaches)),
  };
}

/** Does what a run owes to what runs share; answers what runs are told because of it. */
export function performShared(
  installation: Installation,
  effect: Effect,
  { uid, at }: { readonly uid: string; readonly at: number },
): readonly Message[] {
  switch (effect.kind) {
    case 'AcquireLocks':
      return tellLocks(installation, { kind: 'Acquire', at, request: effect.request });
    case 'ReleaseLocks':
      return tellLocks(installation, { kind: 'Release', at, holder: effect.holder });
    case 'LookUpMemo': {
      const outcome = lookUp(installation, effect.cache, effect.key);
      return [{ uid, input: { kind: 'MemoReported', at, node: effect.node, outcome } }];
    }
    case 'SaveMemo':
      save(installation, effect);
      return [];
    case 'RunTask':
    case 'CancelTask':
    case 'WakeAt':
    case 'EmitMetrics':
      return [];
  }
}

/** Gives the locks an input; answers what runs are told because of it. */
export function tellLocks(installation: Installation, input: LockInput): readonly Message[] {
  const messages: Message[] = [];
  const inputs = [input];
  for (let next = inputs.shift(); next !== undefined; next = inputs.shift()) {
    const stepped = stepLocks(installation.locks, next);
    if (!stepped.ok) throw new Error(`the locks refuse ${next.kind}: ${stepped.error.message}`);
    for (const effect of stepped.value.effects) {
      if (effect.kind === 'LookUpLimit') inputs.push(limitOf(installation, effect, input.at));
      else {
        const { uid, holder, outcome } = effect;
        messages.push({ uid, input: { kind: 'LocksReported', at: input.at, holder, outcome } });
      }
    }
  }
  return messages;
}

function limitOf(
  { limits }: Installation,
  { lock }: Extract<LockEffect, { kind: 'LookUpLimit' }>,
  at: number,
): LockInput {
  const limit = limits.get(lockName(lock));
  if (limit !== undefined) return { kind: 'LimitChanged', at, lock, limit };
  return { kind: 'LimitMissing', at, lock, message: 'there is no such limit' };
}

function lookUp(installation: Installation, cache: MemoCache, key: string): MemoOutcome {
  const name = `${cache.namespace}/${cache.name}`;
  const refusal = installation.refusedCaches.get(name);
  if (refusal !== undefined) return { kind: 'Refused', message: refusal };
  const entry = installation.caches.get(name)?.get(key);
  return entry === undefined ? { kind: 'Miss' } : { kind: 'Hit', entry };
}

/** An entry never replaces a younger one: after a crash it may come late. */
function save(
  installation: Installation,
  { cache, key, entry }: Extract<Effect, { kind: 'SaveMemo' }>,
): void {
  const name = `${cache.namespace}/${cache.name}`;
  const entries = installation.caches.get(name) ?? new Map<string, MemoEntry>();
  installation.caches.set(name, entries);
  const known = parseTime(entries.get(key)?.creationTimestamp);
  if (known <= parseTime(entry.creationTimestamp)) entries.set(key, entry);
}
