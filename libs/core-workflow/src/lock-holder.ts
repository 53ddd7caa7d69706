import { contextOf, type RunState } from './state.ts';

/**
 * The name under which a node, or the run (node -1), holds locks: `<uid>_<node index>_<retries>`, `<uid>_run_<retries>`.
 * A manual retry changes it, so that a release from before cannot take away what is held now.
 */
export function lockHolderOf(state: RunState, node: number): string {
  return `${contextOf(state).run.uid}_${node < 0 ? 'run' : node}_${state.retries}`;
}

/** The node of a holder, -1 for the run; undefined for what is no holder of this run. */
export function nodeOfHolder(state: RunState, holder: string): number | undefined {
  const match = /^(.+)_(run|\d{1,9})_\d{1,9}$/.exec(holder);
  if (match === null || match[1] !== state.context?.run.uid) return undefined;
  return match[2] === 'run' ? -1 : Number(match[2]);
}
