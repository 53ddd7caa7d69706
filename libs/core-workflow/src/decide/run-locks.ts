import { hasLocks } from '../run-locks.ts';
import { compileTagged } from '../plan/tagged.ts';
import { createScope } from '../scope/variables.ts';
import { contextOf } from '../state.ts';
import type { Draft } from './draft.ts';
import { lockKeysOf } from './lock-keys.ts';

/** Asks for the locks of the run's spec, before anything of it is started. */
export function askForRunLocks(draft: Draft): void {
  const { state, at } = draft;
  const { run } = contextOf(state);
  const { synchronization = {} } = run.spec;
  if (!hasLocks(run) || state.holds.has(-1)) return;
  const scope = createScope({ state });
  const locks = lockKeysOf(compileTagged(synchronization), scope, run.namespace);
  if (locks.ok) {
    draft.facts.push({ kind: 'LocksAsked', at, locks: [...(run.slots ?? []), ...locks.value] });
    return;
  }
  const message = `Failed to acquire the synchronization lock. ${locks.error}`;
  draft.facts.push({ kind: 'RunFinished', at, phase: 'Failed', message });
}
