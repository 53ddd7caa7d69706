import {
  isFields,
  metadataField,
  parseHttpSettings,
  textField,
  type HttpSettings,
} from '../http/settings.ts';

/** The settings of one webhook event, checked and with defaults. */
export interface WebhookSettings extends HttpSettings {
  readonly metadata: Readonly<Record<string, string>> | undefined;
  /** `Wrap`: a request with CloudEvents becomes one event with its header and body, as any other does. */
  readonly cloudEvents: 'Keep' | 'Wrap';
}

export type ParsedSettings =
  | { readonly kind: 'Valid'; readonly settings: WebhookSettings }
  | { readonly kind: 'Invalid'; readonly problems: readonly string[] };

/** Reads `spec.webhook.<event>`. */
export function parseWebhookSettings(value: unknown): ParsedSettings {
  if (!isFields(value)) return { kind: 'Invalid', problems: ['the settings must be a map'] };
  const problems: string[] = [];
  const http = parseHttpSettings(value, problems);
  const metadata = metadataField(value, problems);
  const cloudEvents = textField(value, 'cloudEvents', problems, 'keep');
  if (cloudEvents !== 'keep' && cloudEvents !== 'wrap') {
    problems.push(`cloudEvents must be keep or wrap, not ${JSON.stringify(cloudEvents)}`);
  }
  if (problems.length > 0) return { kind: 'Invalid', problems };
  return {
    kind: 'Valid',
    settings: { ...http, metadata, cloudEvents: cloudEvents === 'wrap' ? 'Wrap' : 'Keep' },
  };
}
