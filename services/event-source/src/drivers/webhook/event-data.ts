import type { HttpRequest } from '../http/endpoint.ts';
import type { WebhookSettings } from './settings.ts';

/** The event's data, or why the request is refused with 400. */
export type RequestData =
  | { readonly kind: 'Data'; readonly text: string }
  | { readonly kind: 'Refused'; readonly reason: string };

const FORM_CONTENT_TYPE = 'application/x-www-form-urlencoded';
const MASKED = '*** Masked Auth Secret ***';

/** Headers that belong to the connection and not to the message, which Go's server takes out too. */
const CONNECTION_HEADERS = new Set(['host', 'transfer-encoding']);

/**
 * The data of a webhook event: `{header, body, metadata}`. A GET's body is the map of its query; a POST's
 * is its form when the content type is exactly a form's, else its JSON, kept as the sender wrote it.
 */
export function webhookEventData(
  request: HttpRequest,
  metadata: WebhookSettings['metadata'],
): RequestData {
  const body = bodyText(request);
  if (body.kind === 'Refused') return body;
  const parts = [`"header":${JSON.stringify(headerMap(request.headers))}`, `"body":${body.text}`];
  if (metadata !== undefined) parts.push(`"metadata":${JSON.stringify(metadata)}`);
  return { kind: 'Data', text: `{${parts.join(',')}}` };
}

function bodyText(request: HttpRequest): RequestData {
  if (request.method === 'GET') return { kind: 'Data', text: formText(request.query) };
  if (request.method !== 'POST') {
    return { kind: 'Refused', reason: `unsupported method: ${request.method}` };
  }
  const text = utf8Text(request.body);
  if (text === undefined) return { kind: 'Refused', reason: 'the body is not UTF-8 text' };
  const contentType = request.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  if (contentType === FORM_CONTENT_TYPE) return { kind: 'Data', text: formText(text) };
  try {
    JSON.parse(text);
  } catch {
    return { kind: 'Refused', reason: 'the body is not JSON' };
  }
  return { kind: 'Data', text };
}

function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** `a=1&a=2` as `{"a":["1","2"]}`. */
function formText(query: string): string {
  return JSON.stringify(grouped(new URLSearchParams(query)));
}

function headerMap(headers: HttpRequest['headers']): Record<string, string[]> {
  const kept = headers
    .filter(([name]) => !CONNECTION_HEADERS.has(name.toLowerCase()))
    .map(([name, value]): [string, string] => [
      canonicalHeaderName(name),
      name.toLowerCase() === 'authorization' ? MASKED : value,
    ]);
  return grouped(kept);
}

function grouped(pairs: Iterable<[string, string]>): Record<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [value]);
    else group.push(value);
  }
  return Object.fromEntries(groups);
}

/** `x-request-id` as `X-Request-Id`, the spelling that filters and parameters are written for. */
function canonicalHeaderName(name: string): string {
  return name
    .toLowerCase()
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('-');
}
