// Covers the email trigger against a real SMTP server on a loopback socket: what is sent to whom, credentials,
// further attempts. Leaves out TLS and delivery beyond the first server.
import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';
import { describe, expect, test } from 'vitest';
import { environmentWith, runTrigger } from '../testing/trigger-call.ts';
import { createEmailTrigger } from './email.ts';

interface MailServer extends AsyncDisposable {
  readonly port: number;
  readonly mails: { readonly to: readonly string[]; readonly text: string }[];
  readonly logins: string[];
  /** Recipients that are turned away for now. */
  readonly busy: Set<string>;
}

async function mailServer(): Promise<MailServer> {
  const state = {
    mails: [] as MailServer['mails'],
    logins: [] as string[],
    busy: new Set<string>(),
  };
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    onAuth(auth, _session, done) {
      state.logins.push(`${auth.username}:${auth.password}`);
      if (auth.password === 'right') done(null, { user: auth.username });
      else done(new Error('wrong password'));
    },
    onRcptTo({ address }, _session, done) {
      done(state.busy.has(address) ? new Error('busy, try later') : null);
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        state.mails.push({ to, text: Buffer.concat(chunks).toString() });
        done();
      });
    },
  });
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return Object.assign(state, {
    port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  });
}

const LETTER = { from: 'argosy@example.com', subject: 'An order', body: 'Order 17' };
const environment = environmentWith({ 'smtp/good': 'right', 'smtp/bad': 'hunter2' });

describe('trigger email, against smtp-server, an SMTP server for Node', () => {
  test('each recipient gets a message of its own with subject and body out of the events', async () => {
    await using server = await mailServer();
    const to = ['a@example.com', 'b@example.org'];
    const settings = { host: '127.0.0.1', port: server.port, to, ...LETTER };
    const parameters = [['body', 'Order 18']];
    const outcome = await runTrigger(createEmailTrigger(), { ...settings, parameters });
    expect(outcome).toEqual({ kind: 'Done' });
    expect(server.mails.map((mail) => mail.to)).toEqual([['a@example.com'], ['b@example.org']]);
    expect(server.mails[0]?.text).toContain('Subject: An order');
    expect(server.mails[0]?.text).toContain('From: argosy@example.com');
    expect(server.mails[0]?.text).toContain('Message-ID: <f1.0@argosy>');
    expect(server.mails[0]?.text).toContain('Order 18');
  });

  test('the password comes from a secret, and a wrong one fails without being told', async () => {
    await using server = await mailServer();
    const given = { host: '127.0.0.1', port: server.port, to: ['a@example.com'], ...LETTER };
    const withKey = (key: string): object => ({
      ...given,
      username: 'bot',
      smtpPassword: { name: 'smtp', key },
    });
    const trigger = createEmailTrigger();
    expect(await runTrigger(trigger, withKey('good'), { environment })).toEqual({ kind: 'Done' });
    expect(server.logins).toEqual(['bot:right']);
    const outcome = await runTrigger(trigger, withKey('bad'), { environment, firingId: 'f2' });
    expect(outcome.kind).toBe('Failed');
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
    expect(await runTrigger(trigger, withKey('none'), { environment })).toMatchObject({
      kind: 'Refused',
    });
  });

  test('a further attempt sends only to those who have nothing yet', async () => {
    await using server = await mailServer();
    const trigger = createEmailTrigger();
    const to = ['a@example.com', 'b@example.com'];
    const settings = { host: '127.0.0.1', port: server.port, to, ...LETTER };
    server.busy.add('b@example.com');
    expect((await runTrigger(trigger, settings)).kind).toBe('Failed');
    server.busy.clear();
    expect(await runTrigger(trigger, settings)).toEqual({ kind: 'Done' });
    expect(server.mails.map((mail) => mail.to[0])).toEqual(to);
  });

  test('a recipient that is no address is told and keeps nobody else from theirs', async () => {
    await using server = await mailServer();
    const to = ['nobody', 'a@example.com\r\nBcc: x@example.com', 'b@example.com'];
    const settings = { host: '127.0.0.1', port: server.port, to, ...LETTER };
    const outcome = await runTrigger(createEmailTrigger(), settings);
    expect(outcome).toMatchObject({ kind: 'Refused', reason: expect.stringContaining('nobody') });
    expect(server.mails.map((mail) => mail.to)).toEqual([['b@example.com']]);
  });
});
