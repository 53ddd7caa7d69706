// Covers the Slack trigger against a stand-in of Slack's web API on a loopback socket: what is posted, threads,
// refusals. Leaves out Slack itself.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { environmentWith, runTrigger } from '../testing/trigger-call.ts';
import { createSlackTrigger } from './slack.ts';
import type { TriggerKind, TriggerOutcome } from './trigger.ts';

interface StandIn extends AsyncDisposable {
  readonly trigger: TriggerKind;
  readonly posts: { readonly authorization: string | undefined; readonly body: object }[];
  answer: object;
  status: number;
}

async function standIn(): Promise<StandIn> {
  const state = { posts: [] as StandIn['posts'], answer: {} as object, status: 200 };
  let count = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as object;
      state.posts.push({ authorization: request.headers.authorization, body });
      count += 1;
      response.writeHead(request.url === '/api/chat.postMessage' ? state.status : 404);
      response.end(JSON.stringify({ ok: true, ts: `${count}.0`, ...state.answer }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return Object.assign(state, {
    trigger: createSlackTrigger({ apiUrl: `http://127.0.0.1:${port}/api/` }),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  });
}

const environment = environmentWith({ 'slack/token': 'xoxb-1' });
const slackToken = { name: 'slack', key: 'token' };

function post({ trigger }: StandIn, settings: object): Promise<TriggerOutcome> {
  return runTrigger(trigger, { slackToken, channel: '#ops', ...settings }, { environment });
}

describe('trigger slack, against a stand-in of its API', () => {
  test('a message goes to its channel, without the #, with sender, blocks and parameters', async () => {
    await using slack = await standIn();
    const outcome = await post(slack, {
      message: 'from the manifest',
      blocks: '[{"type":"divider"}]',
      sender: { username: 'argosy', icon: ':ship:' },
      parameters: [['message', 'from the event']],
    });
    expect(outcome).toEqual({ kind: 'Done' });
    expect(slack.posts).toEqual([
      {
        authorization: 'Bearer xoxb-1',
        body: {
          channel: 'ops',
          text: 'from the event',
          blocks: [{ type: 'divider' }],
          username: 'argosy',
          icon_emoji: ':ship:',
        },
      },
    ]);
  });

  test('messages with one aggregation key make one thread, others their own', async () => {
    await using slack = await standIn();
    for (const key of ['order-1', 'order-1', 'order-2']) {
      const thread = { messageAggregationKey: key, broadcastMessageToChannel: true };
      expect(await post(slack, { message: key, thread })).toEqual({ kind: 'Done' });
    }
    const threads = slack.posts.map(({ body }) => (body as { thread_ts?: string }).thread_ts);
    expect(threads).toEqual([undefined, '1.0', undefined]);
  });

  test('an error that stays is refused, one that passes is a failed attempt', async () => {
    await using slack = await standIn();
    slack.answer = { ok: false, error: 'channel_not_found' };
    expect(await post(slack, { message: 'm' })).toEqual({
      kind: 'Refused',
      reason: 'Slack refused the message: channel_not_found',
    });
    slack.answer = { ok: false, error: 'ratelimited' };
    expect(await post(slack, { message: 'm' })).toMatchObject({ kind: 'Failed' });
    slack.status = 503;
    expect(await post(slack, { message: 'm' })).toMatchObject({
      kind: 'Failed',
      reason: expect.stringContaining('503'),
    });
  });

  test.each([
    { settings: { channel: '', message: 'm' }, says: 'channel' },
    { settings: {}, says: 'nothing to post' },
    { settings: { blocks: '{}' }, says: 'blocks must be' },
    { settings: { message: 'm', slackToken: { name: 'none', key: 'k' } }, says: 'Secret none' },
  ])('what cannot be posted is refused before anything is sent: $says', async (given) => {
    await using slack = await standIn();
    expect(await post(slack, given.settings)).toMatchObject({
      kind: 'Refused',
      reason: expect.stringContaining(given.says),
    });
    expect(slack.posts).toEqual([]);
  });
});
