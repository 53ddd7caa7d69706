import { err, ok, type Result } from '@argosy/base';
import { parseQuery } from '@argosy/core-events';
import { headerValue, type HttpRequest } from '../http/endpoint.ts';
import { jsonText, utf8Text } from '../http/event-data.ts';
import { isFields, type Fields } from '../http/settings.ts';
import { equalInConstantTime, hmacHex, isFresh } from '../http/signature.ts';

/** How far the time of a request may be from now, in seconds, on either side. */
const TOLERANCE_SECONDS = 5 * 60;
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** What Slack sent. */
export type SlackMessage =
  /** The check of the address when it is entered at Slack. */
  | { readonly kind: 'Challenge'; readonly token: unknown; readonly challenge: string }
  /** An event or interaction; both carry the verification token. */
  | {
      readonly kind: 'Event';
      readonly token: unknown;
      readonly data: string;
      readonly deliveryKey?: string;
    }
  | { readonly kind: 'Command'; readonly data: string };

/** Why a request was not made by Slack just now, or undefined when it was. */
export function slackForgery(
  request: HttpRequest,
  signingSecret: string,
  nowMs: number,
): string | undefined {
  const timestamp = headerValue(request.headers, 'x-slack-request-timestamp') ?? '';
  const signature = headerValue(request.headers, 'x-slack-signature') ?? '';
  if (!/^\d{1,12}$/.test(timestamp)) return 'X-Slack-Request-Timestamp is missing or no time';
  if (!isFresh(Number(timestamp), nowMs, TOLERANCE_SECONDS)) return 'the request is too old';
  const expected = hmacHex('sha256', signingSecret, `v0:${timestamp}:`, request.body);
  if (!equalInConstantTime(signature, `v0=${expected}`)) return 'the signature is wrong';
  return undefined;
}

/** Reads an event, an interaction or a slash command. */
export function slackMessage(request: HttpRequest): Result<SlackMessage, string> {
  const body = utf8Text(request.body);
  if (body === undefined) return err('the body is not UTF-8 text');
  const isForm = headerValue(request.headers, 'content-type') === FORM_TYPE;
  return isForm ? formMessage(parseQuery(body)) : eventMessage(body);
}

function eventMessage(body: string): Result<SlackMessage, string> {
  const json = jsonText(body);
  if (!json.ok) return json;
  const envelope = json.value.value;
  if (!isFields(envelope)) return err('the body must be a JSON object');
  const { token, challenge, event, event_id: eventId } = envelope;
  if (envelope['type'] === 'url_verification' && typeof challenge === 'string') {
    return ok({ kind: 'Challenge', token, challenge });
  }
  if (envelope['type'] !== 'event_callback' || !isFields(event)) {
    return err(`the type ${JSON.stringify(envelope['type'])} is no event of Slack`);
  }
  const deliveryKey = typeof eventId === 'string' ? { deliveryKey: eventId } : {};
  return ok({ kind: 'Event', token, data: JSON.stringify(event), ...deliveryKey });
}

function formMessage(
  form: Readonly<Record<string, readonly string[]>>,
): Result<SlackMessage, string> {
  const field = (name: string): string => form[name]?.[0] ?? '';
  if (field('payload') !== '') {
    const json = jsonText(field('payload'));
    if (!json.ok) return json;
    const { text, value } = json.value;
    if (!isFields(value)) return err('the payload must be a JSON object');
    return ok({ kind: 'Event', token: value['token'], data: text });
  }
  if (field('command') === '') return err('the form has neither a payload nor a command');
  return ok({ kind: 'Command', data: JSON.stringify(commandData(field)) });
}

const COMMAND_FIELDS = [
  'token',
  'team_id',
  'team_domain',
  'channel_id',
  'channel_name',
  'user_id',
  'user_name',
  'command',
  'text',
  'response_url',
  'trigger_id',
  'api_app_id',
];

/** The fields of a slash command under Slack's names. */
function commandData(field: (name: string) => string): Fields {
  const texts = COMMAND_FIELDS.map((name) => [name, field(name)] as const);
  const enterprise = ['enterprise_id', 'enterprise_name']
    .map((name) => [name, field(name)] as const)
    .filter(([, value]) => value !== '');
  return {
    ...Object.fromEntries([...texts, ...enterprise]),
    is_enterprise_install: field('is_enterprise_install') === 'true',
  };
}
