import type { Fault, FaultKind, Scenario } from './scenario.ts';

type FaultOf<Kind extends FaultKind> = Extract<Fault, { kind: Kind }>;

/** Says at every occasion whether something goes wrong there. */
export interface Faults {
  /** Counts the occasion; the fault that is planned for it, if there is one. */
  at<Kind extends FaultKind>(kind: Kind): FaultOf<Kind> | undefined;
}

export function createFaults(scenario: Pick<Scenario, 'faults'>): Faults {
  const planned = new Map<string, Fault>();
  for (const fault of scenario.faults) planned.set(`${fault.kind}/${fault.occasion}`, fault);
  const kinds = new Set(scenario.faults.map(({ kind }) => kind));
  const counts = new Map<FaultKind, number>();
  return {
    at<Kind extends FaultKind>(kind: Kind) {
      if (!kinds.has(kind)) return undefined;
      const count = counts.get(kind) ?? 0;
      counts.set(kind, count + 1);
      return planned.get(`${kind}/${count}`) as FaultOf<Kind> | undefined;
    },
  };
}
