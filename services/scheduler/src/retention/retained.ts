import type { RetentionPolicy } from '@argosy/model';
import type { FoundRun } from '../summaries.ts';

/** Finished runs that are there, by phase. */
export interface Retained {
  /** Takes note of an entry of the index; undefined when it was deleted. */
  look(key: string, run: FoundRun | undefined): void;
  /** The runs beyond the policy, the one that ended first going first. */
  surplus(policy: RetentionPolicy): readonly FoundRun[];
}

/** Argo's names of the phases in the policy. */
const POLICY_OF_PHASE = [
  ['Succeeded', 'completed'],
  ['Failed', 'failed'],
  ['Error', 'errored'],
] as const;

export function createRetained(): Retained {
  const byPhase = new Map<string, Map<string, FoundRun>>();
  const phaseOfKey = new Map<string, string>();
  return {
    look(key, run) {
      const before = phaseOfKey.get(key);
      if (before !== undefined) byPhase.get(before)?.delete(key);
      phaseOfKey.delete(key);
      if (run?.summary.finishedAt === undefined) return;
      const { phase } = run.summary;
      phaseOfKey.set(key, phase);
      const runs = byPhase.get(phase) ?? new Map<string, FoundRun>();
      byPhase.set(phase, runs);
      runs.set(key, run);
    },
    surplus(policy) {
      return POLICY_OF_PHASE.flatMap(([phase, name]) => {
        const most = policy[name];
        const runs = byPhase.get(phase);
        if (most === undefined || runs === undefined || runs.size <= most) return [];
        const oldestFirst = [...runs.values()].sort(
          (one, other) => endOf(one) - endOf(other) || (one.revision < other.revision ? -1 : 1),
        );
        return oldestFirst.slice(0, runs.size - most);
      });
    },
  };
}

function endOf({ summary }: FoundRun): number {
  return Date.parse(summary.finishedAt ?? '');
}
