import type { Fact } from '@argosy/core-workflow';
import type { CloudEvent } from './cloud-event.ts';
import { decodeFacts } from './workflow-facts.ts';

/** Marks a message whose facts are the beginning of a decision that the next message goes on with. */
const MORE = 'more';

/** The attribute of a message of the FACTS stream that says whether its decision goes on in the next one. */
export function decisionGoesOn(goesOn: boolean): Readonly<Record<string, string>> {
  return goesOn ? { [MORE]: 'true' } : {};
}

/** Reads the messages of one run's log in order. */
export interface FactLogReader {
  /** The facts that are decided with this message; none while the decision goes on. */
  take(event: CloudEvent): readonly Fact[];
  /** Messages were read whose decision is not complete. */
  readonly isPending: boolean;
}

/**
 * A decision that takes several messages counts only when all of them are there. A message without facts ends it as
 * not taken: whoever goes on with a run writes one, when the writer before has not come to the end.
 */
export function createFactLogReader(): FactLogReader {
  let pending: Fact[] = [];
  return {
    take(event) {
      const facts = decodeFacts(event.data);
      if (facts.length === 0) {
        pending = [];
        return facts;
      }
      if (event.extensions?.[MORE] === 'true') {
        for (const fact of facts) pending.push(fact);
        return [];
      }
      if (pending.length === 0) return facts;
      const whole = [...pending, ...facts];
      pending = [];
      return whole;
    },
    get isPending() {
      return pending.length > 0;
    },
  };
}
