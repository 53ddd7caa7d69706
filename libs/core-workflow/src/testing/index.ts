export {
  leafOf,
  play,
  snapshotCopy,
  snapshotData,
  workflowOf,
  type Outcomes,
  type Played,
} from './fixtures.ts';
export { headerOf } from './header.ts';
export {
  createInstallation,
  performShared,
  tellLocks,
  type Installation,
  type InstallationOptions,
  type Message,
} from './installation.ts';
export {
  simulateRun,
  simulateRuns,
  type SimulatedRun,
  type Simulation,
  type SimulationOptions,
  type TaskOutcome,
} from './simulate.ts';
