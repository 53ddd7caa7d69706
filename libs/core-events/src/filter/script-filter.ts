import { err, type Result } from '@argosy/base';
import type { SensorEvent } from '../event/sensor-event.ts';

/** Whether a Lua script answers `true` for an event. */
export function scriptPasses(_script: string, _event: SensorEvent): Result<boolean, string> {
  return err('Lua scripts are not supported');
}
