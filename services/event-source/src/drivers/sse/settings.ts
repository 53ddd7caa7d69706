import { textsField, type Fields } from '../http/settings.ts';
import { parseWebClientSettings, type WebClientSettings } from '../web-client-settings.ts';

/** The settings of one event of server-sent events, checked. */
export interface SseSettings extends WebClientSettings {
  /** The types that become events; none means all. */
  readonly eventTypes: readonly string[];
}

/** Reads `spec.sse.<event>`. */
export function parseSseSettings(fields: Fields, problems: string[]): SseSettings {
  if (fields['tls'] !== undefined) {
    problems.push('tls is not supported here; trust other authorities with NODE_EXTRA_CA_CERTS');
  }
  return {
    ...parseWebClientSettings(fields, problems, ['http', 'https']),
    eventTypes: textsField(fields, 'eventTypes', problems),
  };
}
