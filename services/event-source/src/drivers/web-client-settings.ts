import { ok, type Result } from '@argosy/base';
import type { DriverContext, SecretSelector } from './driver.ts';
import { secretOf } from './http/secret-value.ts';
import {
  flagField,
  isFields,
  metadataField,
  selectorField,
  textField,
  type Fields,
} from './http/settings.ts';
import { messageBody } from './message-body.ts';

/** What sources share that follow a stream at an address of the web. */
export interface WebClientSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as `Authorization: Bearer …`. */
  readonly authSecret: SecretSelector | undefined;
  readonly jsonBody: boolean;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** @param schemes the schemes that the url may have, such as `ws` and `wss`. */
export function parseWebClientSettings(
  fields: Fields,
  problems: string[],
  schemes: readonly [string, string],
): WebClientSettings {
  const url = textField(fields, 'url', problems);
  if (!URL.canParse(url) || !schemes.includes(new URL(url).protocol.slice(0, -1))) {
    problems.push(`url must be an address such as ${schemes[1]}://example.com/stream`);
  }
  return {
    url,
    headers: parseHeaders(fields, problems),
    authSecret: selectorField(fields, 'authSecret', problems),
    jsonBody: flagField(fields, 'jsonBody', problems),
    metadata: metadataField(fields, problems),
  };
}

function parseHeaders(fields: Fields, problems: string[]): Readonly<Record<string, string>> {
  const value = fields['headers'];
  if (value === undefined || value === null) return {};
  const headers = isFields(value) ? Object.entries(value) : [['', undefined] as const];
  const isRight = headers.every(
    ([name, text]) =>
      /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) &&
      typeof text === 'string' &&
      /^[\t\x20-\x7e]*$/.test(text),
  );
  if (!isRight) problems.push('headers must be a map from names of headers to texts');
  return isRight ? (Object.fromEntries(headers) as Readonly<Record<string, string>>) : {};
}

/** The headers of a request now. @throws ArgosyError when the secret is missing. */
export function headersToSend(
  settings: Pick<WebClientSettings, 'headers' | 'authSecret'>,
  context: DriverContext,
): Readonly<Record<string, string>> {
  const { headers, authSecret } = settings;
  if (authSecret === undefined) return headers;
  const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization');
  const authorization = `Bearer ${secretOf(authSecret, context)}`;
  return { ...Object.fromEntries(others), authorization };
}

/** A text as JSON text for an event: as it came with `jsonBody`, else as a JSON string. */
export function textBody(text: string, jsonBody: boolean): Result<string, string> {
  return jsonBody ? messageBody(new TextEncoder().encode(text), true) : ok(JSON.stringify(text));
}
