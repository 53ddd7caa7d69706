import { err, ok, type Result } from '@argosy/base';
import { runLua } from '@argosy/lang';
import { dataObject, type SensorEvent } from '../event/sensor-event.ts';

/** Whether a Lua script, which sees the payload as `event`, answers exactly `true`. */
export function scriptPasses(script: string, event: SensorEvent): Result<boolean, string> {
  if ((event.dataText ?? '') === '') return ok(true);
  const data = dataObject(event);
  if (!data.ok) return data;
  const answer = runLua(script, { globals: { event: data.value } });
  return answer.ok ? ok(answer.value.value === true) : err(answer.error.message);
}
