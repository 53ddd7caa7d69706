export { leafOf, play, snapshotCopy, workflowOf, type Outcomes, type Played } from './fixtures.ts';
export { headerOf } from './header.ts';
export {
  simulateRun,
  type Simulation,
  type SimulationOptions,
  type TaskOutcome,
} from './simulate.ts';
