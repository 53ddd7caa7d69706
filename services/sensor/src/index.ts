export type { SensorConfig } from './config.ts';
export { startSensor } from './service.ts';
export type {
  TriggerCall,
  TriggerEnvironment,
  TriggerKind,
  TriggerOutcome,
} from './triggers/trigger.ts';
