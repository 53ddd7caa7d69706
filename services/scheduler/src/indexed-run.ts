import type { RunSummary } from '@argosy/core-workflow';

/** A summary as the index holds it, with what owners of the run tell one another. */
export interface IndexedRun extends RunSummary {
  /** Where in the log this summary was taken: an owner that is behind does not write over it. */
  readonly sequence?: number;
  /** The run has ended, and tasks of it are still to be ended: a new owner goes on with that. */
  readonly cancelling?: true;
}
