import { parseInterval } from '../directory/settings.ts';
import { textsField, type Fields } from '../http/settings.ts';
import { parseTlsSettings, type TlsSettings } from '../tls-settings.ts';
import { parseWebClientSettings, type WebClientSettings } from '../web-client-settings.ts';

/** The settings of one WebSocket event, checked. */
export interface WebSocketSettings extends WebClientSettings {
  readonly subprotocols: readonly string[];
  /** What is sent after connecting, such as a request to subscribe. */
  readonly messages: readonly string[];
  readonly pingIntervalMs: number;
  readonly tls: TlsSettings | undefined;
}

const PING_INTERVAL_MS_DEFAULT = 30_000;

/** Reads `spec.websocket.<event>`. */
export function parseWebSocketSettings(fields: Fields, problems: string[]): WebSocketSettings {
  const subprotocols = textsField(fields, 'subprotocols', problems);
  if (!subprotocols.every((name) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name))) {
    problems.push('subprotocols must be names without spaces');
  }
  if (new Set(subprotocols).size < subprotocols.length) {
    problems.push('subprotocols must not name one twice');
  }
  return {
    ...parseWebClientSettings(fields, problems, ['ws', 'wss']),
    subprotocols,
    messages: textsField(fields, 'messages', problems),
    pingIntervalMs: parseInterval(fields, 'pingInterval', problems, PING_INTERVAL_MS_DEFAULT),
    tls: parseTlsSettings(fields, problems),
  };
}
