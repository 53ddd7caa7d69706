import { err, ok, type Result } from '@argosy/base';
import type { DriverContext, EventToEmit } from '../driver.ts';
import { dataText, jsonText } from '../http/event-data.ts';
import { isFields, type Fields } from '../http/settings.ts';
import { stableId } from '../stable-id.ts';

/**
 * The event of one line of a server's notifications: its records as `notification`. Undefined for a line
 * that only keeps the connection alive. The error is a sentence.
 */
export function minioEvent(
  line: string,
  metadata: Readonly<Record<string, string>> | undefined,
  context: DriverContext,
): Result<EventToEmit, string> | undefined {
  if (line.trim() === '') return undefined;
  const json = jsonText(line);
  if (!json.ok) return err(`a notification is no JSON: ${json.error}`);
  const records = isFields(json.value.value) ? json.value.value['Records'] : undefined;
  if (!Array.isArray(records) || records.length === 0) return undefined;
  const id = idOf(records, context);
  return ok({
    data: new TextEncoder().encode(dataText({ notification: JSON.stringify(records) }, metadata)),
    ...(id === undefined ? {} : { id }),
  });
}

/** The server numbers the changes of an object; while settings are replaced, two may listen. */
function idOf(records: readonly unknown[], context: DriverContext): string | undefined {
  const keys = records.map((record) => {
    const { eventName, eventTime, s3 } = isFields(record) ? record : ({} as Fields);
    const { bucket, object } = isFields(s3) ? s3 : ({} as Fields);
    const { key, sequencer } = isFields(object) ? object : ({} as Fields);
    if (typeof sequencer !== 'string' || sequencer === '') return undefined;
    const name = isFields(bucket) ? bucket['name'] : undefined;
    return JSON.stringify([name, key, sequencer, eventName, eventTime]);
  });
  const known = keys.filter((key) => key !== undefined);
  return known.length === keys.length ? stableId(context, ...known) : undefined;
}
