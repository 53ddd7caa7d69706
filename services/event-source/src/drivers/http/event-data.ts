import { err, ok, type Result } from '@argosy/base';
import { eventHeaders } from '@argosy/core-events';
import type { HttpRequest } from './endpoint.ts';
import { isFields, type Fields } from './settings.ts';

/** They belong to the connection and not to the message; Go's server takes them out too. */
const CONNECTION_HEADERS = new Set(['host', 'transfer-encoding']);

/** The text of the bytes, or undefined when they are not UTF-8. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** All values of a header under one name, however it was spelt each time. */
export function groupedHeaders(
  headers: HttpRequest['headers'],
): Readonly<Record<string, string[]>> {
  const groups = new Map<string, string[]>();
  for (const [spelling, value] of headers) {
    const name = spelling.toLowerCase();
    if (CONNECTION_HEADERS.has(name)) continue;
    groups.set(name, [...(groups.get(name) ?? []), value]);
  }
  return Object.fromEntries(groups);
}

/** The body as JSON: its text as it came and what it says. */
export function jsonBody(body: Uint8Array): Result<{ text: string; value: unknown }, string> {
  const text = utf8Text(body);
  return text === undefined ? err('the body is not UTF-8 text') : jsonText(text);
}

/** A JSON text trimmed and what it says. */
export function jsonText(raw: string): Result<{ text: string; value: unknown }, string> {
  const text = raw.trim();
  if (text === '') return err('the body is empty; send JSON');
  try {
    return ok({ text, value: JSON.parse(text) as unknown });
  } catch (thrown) {
    return err(`the body is not JSON: ${thrown instanceof Error ? thrown.message : 'unreadable'}`);
  }
}

/** The body as a JSON object. */
export function objectBody(body: Uint8Array): Result<{ text: string; value: Fields }, string> {
  const json = jsonBody(body);
  if (!json.ok) return json;
  const { text, value } = json.value;
  return isFields(value) ? ok({ text, value }) : err('the body must be a JSON object');
}

/** The media type of `Content-Type`, without its parameters, in lower case. */
export function mediaType(header: string | undefined): string {
  return (header ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/**
 * The event of most providers as JSON text: the request's headers, its body as it was written, metadata.
 * @param headersName Argo Events calls them `headers` for most sources and `header` for some.
 */
export function requestEventData(options: {
  readonly request: HttpRequest;
  readonly bodyText: string;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly headersName?: 'headers' | 'header';
}): string {
  const { request, bodyText, metadata, headersName = 'headers' } = options;
  const headers = JSON.stringify(eventHeaders(groupedHeaders(request.headers)));
  return dataText({ [headersName]: headers, body: bodyText }, metadata);
}

/** JSON text of an object whose values are JSON texts already, with the metadata if there is any. */
export function dataText(
  parts: Readonly<Record<string, string>>,
  metadata: Readonly<Record<string, string>> | undefined,
): string {
  const members = Object.entries(parts).map(([name, text]) => `${JSON.stringify(name)}:${text}`);
  if (metadata !== undefined && Object.keys(metadata).length > 0) {
    members.push(`"metadata":${JSON.stringify(metadata)}`);
  }
  return `{${members.join(',')}}`;
}
