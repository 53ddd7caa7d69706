// The door for those who play runs in virtual time: tests, and the command that simulates workflows.
export { headerOf } from './testing/header.ts';
export {
  createInstallation,
  type Installation,
  type InstallationOptions,
} from './testing/installation.ts';
export {
  simulateRun,
  simulateRuns,
  type SimulatedRun,
  type Simulation,
  type SimulationOptions,
  type TaskOutcome,
} from './testing/simulate.ts';
