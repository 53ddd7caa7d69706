import { dataText } from '../http/event-data.ts';

/** One entry of a stream. */
export interface StreamEntry {
  readonly stream: string;
  /** As Redis gave it: milliseconds and a number. */
  readonly id: string;
  readonly values: Readonly<Record<string, string>>;
}

/** The event's data as JSON text. */
export function redisStreamEventData(
  entry: StreamEntry,
  metadata: Readonly<Record<string, string>> | undefined,
): string {
  const parts = {
    stream: JSON.stringify(entry.stream),
    message_id: JSON.stringify(entry.id),
    values: JSON.stringify(entry.values),
  };
  return dataText(parts, metadata);
}

/** What XREADGROUP answers for a stream; the fields of an entry that was deleted meanwhile are null. */
export type StreamAnswer = readonly [
  stream: string,
  entries: readonly (readonly [id: string, fields: readonly string[] | null])[],
];

/** The fields and values that alternate in an answer; the last value of a field that comes twice counts. */
export function entryValues(fields: readonly string[]): Readonly<Record<string, string>> {
  const pairs = new Map<string, string>();
  for (let index = 0; index + 1 < fields.length; index += 2) {
    pairs.set(fields[index] ?? '', fields[index + 1] ?? '');
  }
  return Object.fromEntries(pairs);
}
