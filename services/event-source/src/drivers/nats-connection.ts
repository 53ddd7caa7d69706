import type { OutsideNatsCredentials, OutsideNatsOptions, OutsideNatsTls } from '@argosy/bus';
import { parseConnectionBackoff } from './connection-backoff.ts';
import type { DriverContext, SecretSelector } from './driver.ts';
import { secretOf } from './http/secret-value.ts';
import {
  flagField,
  isFields,
  metadataField,
  selectorField,
  textField,
  type Fields,
} from './http/settings.ts';
import type { ConnectionWaits } from './lasting-connection.ts';
import { parseTlsSettings, tlsOptionsOf, type TlsSettings } from './tls-settings.ts';

/** How a NATS server is reached and what its messages are: what `nats` and `jetstream` share. */
export interface NatsServer {
  /** `nats://host:port`, several separated by commas. */
  readonly url: string;
  readonly auth: NatsAuth | undefined;
  readonly tls: TlsSettings | undefined;
  readonly waits: ConnectionWaits;
}

export interface NatsBody {
  readonly isJson: boolean;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

type NatsAuth =
  | { readonly kind: 'Basic'; readonly username: SecretSelector; readonly password: SecretSelector }
  | { readonly kind: 'Token' | 'NKey' | 'CredentialsFile'; readonly secret: SecretSelector };

const AUTH_KINDS = { token: 'Token', nkey: 'NKey', credential: 'CredentialsFile' } as const;

export function parseNatsBody(fields: Fields, problems: string[]): NatsBody {
  const isJson = flagField(fields, 'jsonBody', problems);
  return { isJson, metadata: metadataField(fields, problems) };
}

export function parseNatsServer(fields: Fields, problems: string[]): NatsServer {
  const url = textField(fields, 'url', problems);
  if (url === '') problems.push('url is missing; set the address, such as nats://host:4222');
  return {
    url,
    auth: parseAuth(fields['auth'], problems),
    tls: parseTlsSettings(fields, problems),
    waits: parseConnectionBackoff(fields, problems),
  };
}

/** Whether it can be subscribed to: tokens without white space, where `*` and a last `>` stand for any. */
export function isSubjectFilter(subject: string): boolean {
  const tokens = subject.split('.');
  return tokens.every((token, index) =>
    token === '>' ? index === tokens.length - 1 : /^(\*|[^\s*>]+)$/.test(token),
  );
}

function parseAuth(auth: unknown, problems: string[]): NatsAuth | undefined {
  if (auth === undefined || auth === null) return undefined;
  const fields = isFields(auth) ? auth : {};
  const found: string[] = [];
  const basic = fields['basic'];
  if (isFields(basic)) {
    const username = selectorField(basic, 'username', found);
    const password = selectorField(basic, 'password', found);
    if (username && password) return { kind: 'Basic', username, password };
    problems.push('auth.basic must have username and password, each {name, key} of a Secret');
    return undefined;
  }
  for (const [field, kind] of Object.entries(AUTH_KINDS)) {
    const secret = selectorField(fields, field, found);
    if (secret !== undefined) return { kind, secret };
  }
  problems.push(...found.map((problem) => `auth.${problem}`));
  if (found.length === 0) problems.push('auth must have one of basic, token, nkey, credential');
  return undefined;
}

/** The options of a connection, with the values of the Secrets. @throws ArgosyError when one is missing. */
export function natsOptionsOf(server: NatsServer, context: DriverContext): OutsideNatsOptions {
  const { url, auth, tls } = server;
  const tlsOptions: OutsideNatsTls | undefined = tls && tlsOptionsOf(tls, context);
  return {
    url,
    name: `event source ${context.namespace}/${context.eventSource}/${context.eventName}`,
    ...(auth === undefined ? {} : { credentials: credentialsOf(auth, context) }),
    ...(tlsOptions === undefined ? {} : { tls: tlsOptions }),
  };
}

function credentialsOf(auth: NatsAuth, context: DriverContext): OutsideNatsCredentials {
  switch (auth.kind) {
    case 'Basic': {
      const { kind, username, password } = auth;
      return {
        kind,
        username: secretOf(username, context),
        password: secretOf(password, context),
      };
    }
    case 'Token':
      return { kind: 'Token', token: secretOf(auth.secret, context) };
    case 'NKey':
      return { kind: 'NKey', seed: secretOf(auth.secret, context) };
    case 'CredentialsFile':
      return { kind: 'CredentialsFile', text: secretOf(auth.secret, context) };
  }
}
