import { isFields, metadataField, parseHttpSettings, type HttpSettings } from '../http/settings.ts';

/** The settings of one webhook event, checked and with defaults. */
export interface WebhookSettings extends HttpSettings {
  readonly metadata: Readonly<Record<string, string>> | undefined;
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
  if (problems.length > 0) return { kind: 'Invalid', problems };
  return { kind: 'Valid', settings: { ...http, metadata } };
}
