import { err, ok, type Result } from '@argosy/base';
import { goJson } from '@argosy/lang';
import { parseQuery } from './query.ts';

/** An HTTP request to a webhook, as far as its event is concerned. */
export interface WebhookRequest {
  readonly method: string;
  /** The raw query of the URL, without `?`. */
  readonly query: string;
  /** Header names in any case, each with all its values. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly bodyText: string;
  /** The event source's `metadata`, copied into the event. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const MASKED = '*** Masked Auth Secret ***';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Go's canonical form of a header name: `content-type` → `Content-Type`. */
export function canonicalHeaderName(name: string): string {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) return name;
  return name
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase())
    .join('-');
}

/** Headers under canonical names, without Host (Go takes it out), Authorization masked. */
export function eventHeaders(
  headers: WebhookRequest['headers'],
): Readonly<Record<string, readonly string[]>> {
  const entries = Object.entries(headers)
    .map(([name, values]) => [canonicalHeaderName(name), values] as const)
    .filter(([name]) => name !== 'Host')
    .map(([name, values]) => [name, name === 'Authorization' ? [MASKED] : values] as const);
  return Object.fromEntries(entries);
}

/**
 * The data of the event a request makes, as JSON text: `header`, `body`, `metadata`. GET gives its query,
 * POST a form (only for exactly that content type) or JSON as it came; nothing else carries data.
 * @returns the sentence of the answer 400.
 */
export function webhookEventData(request: WebhookRequest): Result<string, string> {
  const body = bodyOf(request);
  if (!body.ok) return body;
  const parts = [`"header":${goJson(eventHeaders(request.headers))}`, `"body":${body.value}`];
  if (request.metadata !== undefined && Object.keys(request.metadata).length > 0) {
    parts.push(`"metadata":${goJson(request.metadata)}`);
  }
  return ok(`{${parts.join(',')}}`);
}

function bodyOf(request: WebhookRequest): Result<string, string> {
  if (request.method === 'GET') return ok(goJson(parseQuery(request.query)));
  if (request.method !== 'POST') return err(`unsupported method: ${request.method}`);
  if (contentTypeOf(request) === FORM_TYPE) return ok(goJson(parseQuery(request.bodyText)));
  return jsonBody(request.bodyText);
}

function contentTypeOf(request: WebhookRequest): string | undefined {
  const found = Object.entries(request.headers).find(
    ([name]) => name.toLowerCase() === 'content-type',
  );
  return found?.[1][0];
}

function jsonBody(text: string): Result<string, string> {
  if (text.trim() === '') return err('the request body is empty; send JSON or a form');
  try {
    JSON.parse(text);
    return ok(text.trim());
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return err(`failed to read request body as JSON: ${reason}`);
  }
}
