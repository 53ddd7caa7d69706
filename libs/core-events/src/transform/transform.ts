import { err, ok, type Result } from '@argosy/base';
import { goJson, runJq, runLua } from '@argosy/lang';
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
  const changed = jq === '' ? byScript(script, data.value) : byJq(jq, data.value);
  if (!changed.ok) return changed;
  return ok({ ...event, dataText: goJson(changed.value), datacontenttype: 'application/json' });
}

/** The first output counts and must be an object. */
function byJq(filter: string, data: Readonly<Record<string, unknown>>): Result<unknown, string> {
  const answer = runJq(filter, data);
  if (!answer.ok) return err(`jq transform error (${answer.error.message})`);
  const { value } = answer.value;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? ok(value) : err('jq transform error (the output must be a JSON object)');
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
