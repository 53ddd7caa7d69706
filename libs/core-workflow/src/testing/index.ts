export { headerOf } from './header.ts';
export {
  simulateRun,
  type Simulation,
  type SimulationOptions,
  type TaskOutcome,
} from './simulate.ts';
