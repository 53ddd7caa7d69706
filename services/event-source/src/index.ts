export type { EventSourceConfig } from './config.ts';
export type {
  CheckpointStore,
  Driver,
  DriverContext,
  DriverHealth,
  EmitOutcome,
  EventToEmit,
  RunningDriver,
  SecretSelector,
} from './drivers/driver.ts';
export { HTTP_LIMITS, type HttpLimits } from './drivers/http/limits.ts';
export { startEventSource } from './service.ts';
