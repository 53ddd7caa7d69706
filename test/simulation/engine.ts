import * as core from '@argosy/core-workflow';

/** What the simulation needs of the core; a deliberately broken copy of it is given in the same way. */
export type Engine = Pick<
  typeof core,
  | 'workflowMachine'
  | 'step'
  | 'takeOwed'
  | 'renderWorkflow'
  | 'isFinished'
  | 'summarize'
  | 'lockMachine'
  | 'stepLocks'
  | 'owedByLocks'
  | 'lockSnapshot'
>;

/** The core as it is. */
export const realEngine: Engine = core;
