import { err, ok, type Result } from '@argosy/base';
import {
  appliedSettings,
  requiredProblems,
  secretOf,
  textOf,
  type Settings,
} from './call-settings.ts';
import {
  isRecord,
  type TriggerCall,
  type TriggerKind,
  type TriggerOutcome,
  type ValueLookup,
} from './trigger.ts';

export interface SlackOptions {
  /** Where the methods of Slack's web API lie, with a slash at the end. */
  readonly apiUrl?: string;
}

const API_URL = 'https://slack.com/api/';
const CALL_TIMEOUT_MS = 30_000;
/** Threads that are remembered; an older one is begun anew. */
const THREADS_MAX = 10_000;
/** What the next attempt would be told as well. */
const HOPELESS = new Set([
  'account_inactive',
  'channel_not_found',
  'invalid_arguments',
  'invalid_auth',
  'invalid_blocks',
  'is_archived',
  'missing_scope',
  'msg_too_long',
  'no_text',
  'not_authed',
  'not_in_channel',
  'token_revoked',
]);

interface SlackMessage {
  readonly token: string;
  readonly body: Settings;
  /** Messages of one channel and key make one thread. */
  readonly threadKey: string | undefined;
}

/**
 * Posts a message to a Slack channel. Messages with the same `thread.messageAggregationKey` make one thread as
 * long as this process lives.
 */
export function createSlackTrigger(options: SlackOptions = {}): TriggerKind {
  const threads = new Map<string, string>();
  const address = new URL('chat.postMessage', options.apiUrl ?? API_URL);
  return {
    kind: 'slack',
    problems: (settings) =>
      requiredProblems(settings, { slackToken: 'name the secret with the token: {name, key}' }),
    async run(call, { values }) {
      const message = messageOf(call, values);
      if (!message.ok) return { kind: 'Refused', reason: message.error };
      const { token, body, threadKey } = message.value;
      const thread = threadKey === undefined ? undefined : threads.get(threadKey);
      const sent = thread === undefined ? body : { ...body, thread_ts: thread };
      const answer = await post(address, token, { body: sent, call });
      if (answer.kind !== 'Posted') return answer;
      if (threadKey !== undefined && thread === undefined && answer.ts !== undefined) {
        threads.set(threadKey, answer.ts);
        const [oldest] = threads.keys();
        if (threads.size > THREADS_MAX && oldest !== undefined) threads.delete(oldest);
      }
      return { kind: 'Done' };
    },
  };
}

function messageOf(call: TriggerCall, values: ValueLookup): Result<SlackMessage, string> {
  const applied = appliedSettings(call);
  if (!applied.ok) return applied;
  const settings = applied.value;
  const token = secretOf(settings['slackToken'], 'slackToken', { call, values });
  if (!token.ok) return token;
  const channel = textOf(settings['channel'])?.replace(/^#/, '');
  if (channel === undefined || channel === '') return err('channel must be set');
  const content = contentOf(settings);
  if (!content.ok) return content;
  const thread = isRecord(settings['thread']) ? settings['thread'] : {};
  const key = textOf(thread['messageAggregationKey']);
  const body = {
    channel,
    ...content.value,
    ...senderOf(settings['sender']),
    ...(thread['broadcastMessageToChannel'] === true ? { reply_broadcast: true } : {}),
  };
  const threadKey = key === undefined ? undefined : JSON.stringify([channel, key]);
  return ok({ token: token.value, body, threadKey });
}

function contentOf(settings: Settings): Result<Settings, string> {
  const text = textOf(settings['message']);
  const attachments = listOf(settings, 'attachments');
  if (!attachments.ok) return attachments;
  const blocks = listOf(settings, 'blocks');
  if (!blocks.ok) return blocks;
  const content = { text, attachments: attachments.value, blocks: blocks.value };
  if (Object.values(content).some((part) => part !== undefined)) return ok(content);
  return err('there is nothing to post: set message, attachments or blocks');
}

/** Attachments and blocks are given as JSON text of a list. */
function listOf(settings: Settings, field: string): Result<readonly unknown[] | undefined, string> {
  const text = textOf(settings[field]);
  if (text === undefined) return ok(undefined);
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return ok(value);
  } catch {
    // Said below, in the same words.
  }
  return err(`${field} must be the JSON text of a list`);
}

function senderOf(sender: unknown): Settings {
  if (!isRecord(sender)) return {};
  const [username, icon] = [textOf(sender['username']), textOf(sender['icon'])];
  const iconField = icon !== undefined && /^:.+:$/.test(icon) ? 'icon_emoji' : 'icon_url';
  return {
    ...(username === undefined ? {} : { username }),
    ...(icon === undefined ? {} : { [iconField]: icon }),
  };
}

type Posted = { readonly kind: 'Posted'; readonly ts: string | undefined };

async function post(
  address: URL,
  token: string,
  { body, call }: { readonly body: Settings; readonly call: TriggerCall },
): Promise<Posted | TriggerOutcome> {
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json; charset=utf-8',
      },
      body: JSON.stringify(body),
      signal: AbortSignal.any([call.signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]),
    });
    if (!response.ok) return { kind: 'Failed', reason: `Slack answered ${response.status}` };
    const answer: unknown = await response.json();
    if (isRecord(answer) && answer['ok'] === true) {
      return { kind: 'Posted', ts: textOf(answer['ts']) };
    }
    const error = isRecord(answer) ? String(answer['error']) : 'an answer that is no object';
    return {
      kind: HOPELESS.has(error) ? 'Refused' : 'Failed',
      reason: `Slack refused the message: ${error}`,
    };
  } catch (error) {
    if (call.signal.aborted) return { kind: 'BusAway', reason: 'the sensor is stopping' };
    return { kind: 'Failed', reason: error instanceof Error ? error.message : String(error) };
  }
}
