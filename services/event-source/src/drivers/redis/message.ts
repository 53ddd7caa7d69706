import { ok, type Result } from '@argosy/base';
import { dataText, jsonText } from '../http/event-data.ts';

export interface RedisMessage {
  readonly channel: string;
  /** The pattern that it was subscribed by; empty for a channel. */
  readonly pattern: string;
  readonly payload: string;
}

/** The event's data as JSON text: the payload as text, or with `isJson` as the JSON that it is. */
export function redisEventData(
  message: RedisMessage,
  settings: {
    readonly isJson: boolean;
    readonly metadata: Readonly<Record<string, string>> | undefined;
  },
): Result<string, string> {
  const { channel, pattern, payload } = message;
  const json = settings.isJson ? jsonText(payload) : undefined;
  if (json?.ok === false) return json;
  const parts = {
    channel: JSON.stringify(channel),
    pattern: JSON.stringify(pattern),
    body: json === undefined ? JSON.stringify(payload) : json.value.text,
  };
  return ok(dataText(parts, settings.metadata));
}
