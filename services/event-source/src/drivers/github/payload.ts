import { err, ok, type Result } from '@argosy/base';
import { parseQuery } from '@argosy/core-events';
import { headerValue, type HttpRequest } from '../http/endpoint.ts';
import { jsonText, mediaType, utf8Text } from '../http/event-data.ts';
import { isFields } from '../http/settings.ts';
import { isSignedBody } from '../http/signature.ts';

const ALGORITHMS = ['sha256', 'sha1', 'sha512'];
/** Headers that are put into the body, as Argo Events does. */
const BODY_HEADERS = ['X-GitHub-Event', 'X-GitHub-Delivery'];

/**
 * Whether GitHub signed the request. The SHA-256 signature counts if there is one, even when a right one of
 * the older kind stands beside it.
 */
export function isSignedByGithub(request: HttpRequest, secret: string): boolean {
  const signature =
    headerValue(request.headers, 'x-hub-signature-256') ??
    headerValue(request.headers, 'x-hub-signature');
  return isSignedBody(signature, ALGORITHMS, { secret, body: request.body });
}

/** The payload as JSON text, with the kind of event and the delivery's id in it. */
export function githubPayload(request: HttpRequest): Result<string, string> {
  const body = utf8Text(request.body);
  if (body === undefined) return err('the body is not UTF-8 text');
  const type = mediaType(headerValue(request.headers, 'content-type'));
  if (type === 'application/json') return withHeaders(body, request);
  if (type !== 'application/x-www-form-urlencoded') {
    return err(`the content type must be application/json or a form, not ${JSON.stringify(type)}`);
  }
  return withHeaders(parseQuery(body)['payload']?.[0] ?? '', request);
}

function withHeaders(payload: string, request: HttpRequest): Result<string, string> {
  const json = jsonText(payload);
  if (!json.ok) return json;
  const { text, value } = json.value;
  if (!isFields(value)) return err('the body must be a JSON object');
  const added = BODY_HEADERS.map((name) => {
    const header = headerValue(request.headers, name.toLowerCase()) ?? '';
    return `${JSON.stringify(name)}:${JSON.stringify(header)}`;
  }).join(',');
  // The text is kept as it came, for its numbers; a member of the same name must not stay beside ours.
  const isTaken = BODY_HEADERS.some((name) => Object.hasOwn(value, name));
  const rest = isTaken ? JSON.stringify(without(value)) : text;
  const members = rest.slice(1, -1).trim();
  return ok(members === '' ? `{${added}}` : `{${members},${added}}`);
}

function without(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !BODY_HEADERS.includes(name)));
}
