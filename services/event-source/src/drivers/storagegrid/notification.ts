import { err, ok, type Result } from '@argosy/base';
import { parseQuery } from '@argosy/core-events';
import { jsonText, utf8Text } from '../http/event-data.ts';
import { isFields, type Fields } from '../http/settings.ts';

/** A notification in the fields that Argo Events gives it; `Message` is the JSON of its records. */
export interface StorageGridNotification {
  readonly data: Fields;
  /** What the first record is about; it decides whether the notification passes. */
  readonly eventName: string;
  readonly objectKey: string;
  /** The same for each delivery, as far as the record tells. */
  readonly deliveryKey: string | undefined;
}

/** Reads the form that StorageGRID posts, which is that of a publication to SNS. */
export function storageGridNotification(body: Uint8Array): Result<StorageGridNotification, string> {
  const text = utf8Text(body);
  if (text === undefined) return err('the body is not UTF-8 text');
  const form = parseQuery(text);
  const field = (name: string): string => form[name]?.[0] ?? '';
  const json = jsonText(field('Message'));
  if (!json.ok) return err(`the field Message of the form: ${json.error}`);
  const message = json.value.value;
  const records = isFields(message) ? message['Records'] : undefined;
  const record: unknown = Array.isArray(records) ? records[0] : undefined;
  if (!isFields(record)) return err('the message has no Records');
  const s3 = mapIn(record, 's3');
  const object = mapIn(s3, 'object');
  const textIn = (map: Fields, name: string): string => {
    const value = map[name];
    return typeof value === 'string' ? value : '';
  };
  const sequencer = textIn(object, 'sequencer');
  const eventName = textIn(record, 'eventName');
  const objectKey = decoded(textIn(object, 'key'));
  const place = [textIn(mapIn(s3, 'bucket'), 'name'), objectKey, eventName, sequencer];
  return ok({
    data: {
      Action: field('Action'),
      Message: message,
      TopicArn: field('TopicArn'),
      Version: field('Version'),
    },
    eventName,
    objectKey,
    deliveryKey: sequencer === '' ? undefined : JSON.stringify(place),
  });
}

/** Whether the object's key has the prefix and the suffix that are asked for. */
export function passesObjectKeyFilter(
  objectKey: string,
  filter: { readonly prefix?: string; readonly suffix?: string } | undefined,
): boolean {
  return objectKey.startsWith(filter?.prefix ?? '') && objectKey.endsWith(filter?.suffix ?? '');
}

function mapIn(fields: Fields, name: string): Fields {
  const value = fields[name];
  return isFields(value) ? value : {};
}

/** Keys are escaped as in a query. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}
