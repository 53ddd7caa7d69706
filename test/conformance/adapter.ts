/** One entry of an area's `cases.yaml`; the keys beyond `name` differ by area. */
export interface ConformanceCase {
  readonly name: string;
  readonly kind?: string;
  readonly group?: string;
  readonly [key: string]: unknown;
}

/** What an adapter is given besides the case itself. */
export interface ConformanceContext {
  /** The folder that holds `cases.yaml`; every `file` of a case is relative to it. */
  readonly corpusDirectory: string;
  /** The folder of this repository. */
  readonly repositoryDirectory: string;
  /** Aborted when the run is interrupted or the case has used up its time. */
  readonly signal: AbortSignal;
}

/** How one case ended. `skipped` is for what this machine cannot run at all, with the reason. */
export type CaseOutcome =
  | { readonly status: 'passed' }
  | { readonly status: 'failed'; readonly difference: string }
  | { readonly status: 'skipped'; readonly reason: string };

/** What `test/conformance/<area>/adapter.ts` exports as `adapter`. */
export interface ConformanceAdapter {
  /** Groups cases in the printed table, for example by kind; default: group, else kind, else area. */
  featureOf?(conformanceCase: ConformanceCase): string;
  /** Cases running at the same time; default 1. */
  readonly concurrency?: number;
  /** Milliseconds one case may take before it counts as failed; default 60 000. */
  readonly caseTimeoutMs?: number;
  /** Called once before the first case, for servers all cases share. */
  start?(context: ConformanceContext): Promise<void>;
  /** Runs one case. What it throws counts as a failure with the thrown message. */
  run(conformanceCase: ConformanceCase, context: ConformanceContext): Promise<CaseOutcome>;
  /** Called once after the last case, also after a failed start. */
  stop?(): Promise<void>;
}

/** The outcome of a passed case. */
export const passed: CaseOutcome = { status: 'passed' };

/** The outcome of a failed case; the difference says what was expected and what came. */
export function failed(difference: string): CaseOutcome {
  return { status: 'failed', difference };
}

/** The outcome of a case that cannot run here. */
export function skipped(reason: string): CaseOutcome {
  return { status: 'skipped', reason };
}
