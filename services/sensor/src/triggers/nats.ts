import { err, ok, type Result } from '@argosy/base';
import {
  connectOutsideNats,
  type OutsideNats,
  type OutsideNatsCredentials,
  type OutsideNatsOptions,
} from '@argosy/bus';
import {
  appliedSettings,
  requiredProblems,
  secretOf,
  textOf,
  tlsTextsOf,
} from './call-settings.ts';
import { createIdleConnections } from './idle-connections.ts';
import { isRecord, type TriggerCall, type TriggerKind, type ValueLookup } from './trigger.ts';

interface NatsMessage {
  readonly options: OutsideNatsOptions;
  readonly subject: string;
  readonly payload: string;
}

const REQUIRED = {
  url: 'set the address, such as nats://host:4222',
  subject: 'set the subject to publish to',
  payload: 'list the parameters that make up the message',
};

/**
 * Publishes a JSON payload to a NATS server. Done when the server has it. The firing's id goes along as
 * `Nats-Msg-Id`, so that a JetStream stream on that subject stores a repetition once.
 */
export function createNatsTrigger(): TriggerKind {
  const connections = createIdleConnections<OutsideNats>(async (open) => {
    await open[Symbol.asyncDispose]();
  });
  return {
    kind: 'nats',
    problems: (settings) => requiredProblems(settings, REQUIRED),
    async run(call, environment) {
      const message = messageOf(call, environment.values);
      if (!message.ok) return { kind: 'Refused', reason: message.error };
      const { options, subject, payload } = message.value;
      const key = JSON.stringify(options);
      try {
        const connection = await connections.use(key, () => connectOutsideNats(options));
        await connection.publish(subject, new TextEncoder().encode(payload), {
          'Nats-Msg-Id': call.firingId,
          traceparent: call.traceparent,
        });
        return { kind: 'Done' };
      } catch (error) {
        await connections.drop(key);
        return { kind: 'Failed', reason: error instanceof Error ? error.message : String(error) };
      }
    },
    close: () => connections.closeAll(),
  };
}

function messageOf(call: TriggerCall, values: ValueLookup): Result<NatsMessage, string> {
  const applied = appliedSettings(call);
  if (!applied.ok) return applied;
  const settings = applied.value;
  const [url, subject] = [textOf(settings['url']), textOf(settings['subject'])];
  if (url === undefined || subject === undefined) return err('url and subject must be set');
  if (!isSubject(subject)) return err(`"${subject}" is no subject to publish to`);
  const tls = tlsTextsOf(settings['tls'], { call, values });
  if (!tls.ok) return tls;
  const credentials = credentialsOf(settings['auth'], { call, values });
  if (!credentials.ok) return credentials;
  const payload = call.payload(settings['payload']);
  if (!payload.ok) return payload;
  const options = {
    url,
    name: `sensor ${call.namespace}/${call.sensor}`,
    ...(tls.value === undefined ? {} : { tls: tls.value }),
    ...(credentials.value === undefined ? {} : { credentials: credentials.value }),
  };
  return ok({ options, subject, payload: payload.value });
}

/** Tokens without white space and wildcards, none empty. */
function isSubject(text: string): boolean {
  return text.split('.').every((token) => /^[^\s*>]+$/.test(token));
}

function credentialsOf(
  auth: unknown,
  scope: { readonly call: TriggerCall; readonly values: ValueLookup },
): Result<OutsideNatsCredentials | undefined, string> {
  if (!isRecord(auth)) return ok(undefined);
  const { basic, token, nkey, credential } = auth;
  if (isRecord(basic)) {
    const username = secretOf(basic['username'], 'auth.basic.username', scope);
    const password = secretOf(basic['password'], 'auth.basic.password', scope);
    if (!username.ok) return username;
    if (!password.ok) return password;
    return ok({ kind: 'Basic', username: username.value, password: password.value });
  }
  if (isRecord(token)) {
    const text = secretOf(token, 'auth.token', scope);
    return text.ok ? ok({ kind: 'Token', token: text.value }) : text;
  }
  if (isRecord(nkey)) {
    const seed = secretOf(nkey, 'auth.nkey', scope);
    return seed.ok ? ok({ kind: 'NKey', seed: seed.value }) : seed;
  }
  if (isRecord(credential)) {
    const text = secretOf(credential, 'auth.credential', scope);
    return text.ok ? ok({ kind: 'CredentialsFile', text: text.value }) : text;
  }
  return err('auth must have one of basic, token, nkey, credential');
}
