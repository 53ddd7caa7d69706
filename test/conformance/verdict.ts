import type { CaseOutcome, ConformanceCase } from './adapter.ts';
import type { KnownCases } from './corpus.ts';

/** The judgement on one case after the lists of known cases have been consulted. */
export interface Verdict {
  readonly name: string;
  readonly feature: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** The difference of a failure or the reason of a skip. */
  readonly detail?: string;
  /** Which list or circumstance made it a skip. */
  readonly skip?: 'disputed' | 'not yet' | 'cannot run here';
  readonly durationMs: number;
}

/** A case with how it ended, before judgement. */
export interface Ended {
  readonly conformanceCase: ConformanceCase;
  readonly feature: string;
  readonly outcome: CaseOutcome;
  readonly durationMs: number;
}

/**
 * Judges one case. A listed case that fails is a skip; a listed case that passes is a failure, so the
 * lists can only shrink.
 */
export function judge(ended: Ended, known: KnownCases): Verdict {
  const name = ended.conformanceCase.name;
  const base = { name, feature: ended.feature, durationMs: ended.durationMs };
  const dispute = known.disputed.get(name);
  const listed = dispute !== undefined ? 'disputed.yaml' : 'not-yet.yaml';
  const isListed = dispute !== undefined || known.notYet.has(name);
  switch (ended.outcome.status) {
    case 'passed':
      if (!isListed) return { ...base, status: 'passed' };
      return { ...base, status: 'failed', detail: `passes: remove it from ${listed}` };
    case 'skipped':
      return {
        ...base,
        status: 'skipped',
        skip: 'cannot run here',
        detail: ended.outcome.reason,
      };
    case 'failed':
      if (dispute !== undefined) {
        return { ...base, status: 'skipped', skip: 'disputed', detail: dispute };
      }
      if (isListed) {
        return { ...base, status: 'skipped', skip: 'not yet', detail: ended.outcome.difference };
      }
      return { ...base, status: 'failed', detail: ended.outcome.difference };
  }
}

/** Names on a list that no case has: a typing error, or a case that has gone. */
export function unknownNames(
  known: KnownCases,
  cases: readonly ConformanceCase[],
): readonly string[] {
  const names = new Set(cases.map((conformanceCase) => conformanceCase.name));
  return [...known.disputed.keys(), ...known.notYet].filter((name) => !names.has(name));
}
