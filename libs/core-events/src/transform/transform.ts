import { err, ok, type Result } from '@argosy/base';
import { goJson, runLua } from '@argosy/lang';
import { dataObject, type SensorEvent } from '../event/sensor-event.ts';
import type { Dependency } from '../manifest/sensor.ts';

/** Changes the payload by a dependency's transform; jq wins over a script; no data stays as it is. */
export function transformEvent(
  transform: Dependency['transform'],
  event: SensorEvent,
): Result<SensorEvent, string> {
  const jq = transform?.jq ?? '';
  const script = transform?.script ?? '';
  if ((jq === '' && script === '') || (event.dataText ?? '') === '') return ok(event);
  const data = dataObject(event);
  if (!data.ok) return data;
  const changed = jq === '' ? byScript(script, data.value) : err('jq transforms are not supported');
  if (!changed.ok) return changed;
  return ok({ ...event, dataText: goJson(changed.value), datacontenttype: 'application/json' });
}

/** The script sees the payload as `event` and must return a table. */
function byScript(
  script: string,
  data: Readonly<Record<string, unknown>>,
): Result<unknown, string> {
  const answer = runLua(script, { globals: { event: data } });
  if (!answer.ok) return err(`script transform error (${answer.error.message})`);
  if (!answer.value.isTable) return err('script transform error (the script must return a table)');
  return ok(answer.value.value);
}
