import { err, ok, type Result } from '@argosy/base';
import { createTransport } from 'nodemailer';
import {
  appliedSettings,
  requiredProblems,
  secretOf,
  textOf,
  type Settings,
} from './call-settings.ts';
import { isRecord, type TriggerCall, type TriggerKind, type ValueLookup } from './trigger.ts';

interface Letter {
  readonly server: SmtpServer;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly body: string;
}

interface SmtpServer {
  readonly host: string;
  readonly port: number;
  readonly auth: { readonly user: string; readonly pass: string } | undefined;
}

const SUBMISSION_PORT = 587;
/** The port of SMTP over TLS; on others TLS is begun when the server offers it. */
const TLS_PORT = 465;
const TIMEOUT_MS = 30_000;
const ADDRESS = /^[\w.+-]+@(?:[\w-]+\.)+[A-Za-z]{2,63}$/;
/** Letters that are remembered as sent, so that a further attempt does not send them again. */
const SENT_MAX = 20_000;

/**
 * Sends one message to each recipient. A recipient that is no address does not keep the others from theirs; a
 * further attempt leaves out those that have theirs. The Message-ID is made of the firing, so that a repetition
 * after a crash can be told.
 */
export function createEmailTrigger(): TriggerKind {
  const sent = new Set<string>();
  return {
    kind: 'email',
    problems: (settings) => requiredProblems(settings, { host: 'set the address of the server' }),
    async run(call, { values }) {
      const letter = letterOf(call, values);
      if (!letter.ok) return { kind: 'Refused', reason: letter.error };
      const { to } = letter.value;
      const failures: string[] = [];
      for (const [index, address] of to.entries()) {
        const key = `${call.firingId}/${index}/${address}`;
        if (!ADDRESS.test(address) || sent.has(key)) continue;
        const problem = await send(letter.value, address, `${call.firingId}.${index}`);
        if (problem === undefined) remember(sent, key);
        else failures.push(`${address}: ${problem}`);
      }
      if (failures.length > 0) return { kind: 'Failed', reason: failures.join('; ') };
      const wrong = to.filter((address) => !ADDRESS.test(address));
      if (wrong.length === 0) return { kind: 'Done' };
      return { kind: 'Refused', reason: `not sent to what is no address: ${wrong.join(', ')}` };
    },
  };
}

function letterOf(call: TriggerCall, values: ValueLookup): Result<Letter, string> {
  const applied = appliedSettings(call);
  if (!applied.ok) return applied;
  const settings = applied.value;
  const server = serverOf(settings, { call, values });
  if (!server.ok) return server;
  const [subject, body] = [textOf(settings['subject']), textOf(settings['body'])];
  const to = Array.isArray(settings['to']) ? settings['to'].map(String) : [];
  const from = textOf(settings['from']) ?? textOf(settings['username']);
  if (to.length === 0) return err('to must list a recipient');
  if (subject === undefined || body === undefined) return err('subject and body must be set');
  if (from === undefined) return err('from must be set');
  return ok({ server: server.value, from, to, subject, body });
}

function serverOf(
  settings: Settings,
  scope: { readonly call: TriggerCall; readonly values: ValueLookup },
): Result<SmtpServer, string> {
  const { smtpPassword } = settings;
  const [host, user] = [textOf(settings['host']), textOf(settings['username'])];
  if (host === undefined) return err('host must be set');
  const port = Number(settings['port'] ?? 0) || SUBMISSION_PORT;
  if (user === undefined) {
    if (isRecord(smtpPassword)) return err('smtpPassword is set and username is not');
    return ok({ host, port, auth: undefined });
  }
  const pass = secretOf(smtpPassword, 'smtpPassword', scope);
  return pass.ok ? ok({ host, port, auth: { user, pass: pass.value } }) : pass;
}

/** Undefined when the server has taken it, else why not. */
async function send(letter: Letter, to: string, id: string): Promise<string | undefined> {
  const { server, from, subject, body } = letter;
  const { host, port, auth } = server;
  const transport = createTransport({
    host,
    port,
    secure: port === TLS_PORT,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    // Neither files nor addresses may be pulled in by what an event holds.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(auth === undefined ? {} : { auth }),
  });
  try {
    const messageId = `<${id}@argosy>`;
    await transport.sendMail({ from, to, subject, text: body, messageId });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    transport.close();
  }
}

function remember(sent: Set<string>, key: string): void {
  sent.add(key);
  const [oldest] = sent;
  if (sent.size > SENT_MAX && oldest !== undefined) sent.delete(oldest);
}
