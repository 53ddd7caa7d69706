import { err, ok, type Result } from '@argosy/base';
import { parse } from 'yaml';
import { parseConnectionBackoff } from '../connection-backoff.ts';
import type { SecretSelector } from '../driver.ts';
import {
  flagField,
  isFields,
  metadataField,
  selectorField,
  textField,
  type Fields,
} from '../http/settings.ts';
import type { ConnectionWaits } from '../lasting-connection.ts';
import { parseTlsSettings, type TlsSettings } from '../tls-settings.ts';

/** What is declared at the broker before messages are taken. */
export interface AmqpDeclarations {
  readonly exchange: {
    readonly durable: boolean;
    readonly autoDelete: boolean;
    readonly internal: boolean;
    readonly noWait: boolean;
  };
  readonly queue: {
    /** Empty: the broker makes a name up. */
    readonly name: string;
    readonly durable: boolean;
    readonly autoDelete: boolean;
    readonly exclusive: boolean;
    readonly noWait: boolean;
    readonly arguments: Fields | undefined;
  };
  readonly consume: {
    readonly consumerTag: string;
    /**
     * Read for the sake of manifests; it changes nothing: messages are acknowledged when they are stored. The
     * broker would otherwise forget what this process holds only in memory.
     */
    readonly autoAck: boolean;
    readonly exclusive: boolean;
    readonly noLocal: boolean;
    readonly noWait: boolean;
  };
}

export interface AmqpSettings {
  readonly url: { readonly text: string } | { readonly secret: SecretSelector };
  readonly exchangeName: string;
  readonly exchangeType: string;
  readonly routingKey: string;
  readonly declarations: AmqpDeclarations;
  readonly auth:
    { readonly username: SecretSelector; readonly password: SecretSelector } | undefined;
  readonly tls: TlsSettings | undefined;
  readonly waits: ConnectionWaits;
  readonly jsonBody: boolean;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** Reads `spec.amqp.<event>`. */
export function parseAmqpSettings(value: Fields, problems: string[]): AmqpSettings {
  const url = parseUrl(value, problems);
  const tls = parseTlsSettings(value, problems);
  if ('text' in url && tls !== undefined && !url.text.startsWith('amqps:')) {
    problems.push('url must begin with amqps:// when tls is set');
  }
  const required = (field: string, hint: string): string => {
    const text = textField(value, field, problems);
    if (text === '') problems.push(`${field} is missing; ${hint}`);
    return text;
  };
  return {
    url,
    exchangeName: required('exchangeName', 'name the exchange that messages are sent to'),
    exchangeType: required('exchangeType', 'set direct, fanout, topic or headers'),
    routingKey: required('routingKey', 'set the key that the queue is bound with'),
    declarations: parseAmqpDeclarations(value, problems),
    auth: parseAuth(value, problems),
    tls,
    waits: parseConnectionBackoff(value, problems),
    jsonBody: flagField(value, 'jsonBody', problems),
    metadata: metadataField(value, problems),
  };
}

/**
 * What is declared: a block that is absent has the defaults of Argo Events, one that is present has false and
 * empty for what it does not say.
 */
export function parseAmqpDeclarations(fields: Fields, problems: string[]): AmqpDeclarations {
  const exchange = blockOf(fields, 'exchangeDeclare', { durable: true }, problems);
  const queue = blockOf(fields, 'queueDeclare', { exclusive: true }, problems);
  const consume = blockOf(fields, 'consume', { autoAck: true }, problems);
  blockOf(fields, 'queueBind', {}, problems);
  const flag = (block: Fields, name: string): boolean => flagField(block, name, problems);
  const table = parseAmqpArguments(textField(queue, 'arguments', problems));
  if (!table.ok) problems.push(`queueDeclare.arguments ${table.error}`);
  return {
    exchange: {
      durable: flag(exchange, 'durable'),
      autoDelete: flag(exchange, 'autoDelete'),
      internal: flag(exchange, 'internal'),
      noWait: flag(exchange, 'noWait'),
    },
    queue: {
      name: textField(queue, 'name', problems),
      durable: flag(queue, 'durable'),
      autoDelete: flag(queue, 'autoDelete'),
      exclusive: flag(queue, 'exclusive'),
      noWait: flag(queue, 'noWait'),
      arguments: table.ok ? table.value : undefined,
    },
    consume: {
      consumerTag: textField(consume, 'consumerTag', problems),
      autoAck: flag(consume, 'autoAck'),
      exclusive: flag(consume, 'exclusive'),
      noLocal: flag(consume, 'noLocal'),
      noWait: flag(consume, 'noWait'),
    },
  };
}

/** Reads the YAML text of a queue's arguments; undefined when it is empty. */
export function parseAmqpArguments(text: string): Result<Fields | undefined, string> {
  if (text.trim() === '') return ok(undefined);
  try {
    const table: unknown = parse(text);
    return isFields(table)
      ? ok(table)
      : err('must be YAML text of a map, such as x-queue-type: quorum');
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message.split('\n')[0] : String(thrown);
    return err(`is no YAML: ${reason ?? ''}`);
  }
}

function parseUrl(fields: Fields, problems: string[]): AmqpSettings['url'] {
  const text = textField(fields, 'url', problems);
  const secret = selectorField(fields, 'urlSecret', problems);
  if (text !== '' && secret !== undefined)
    problems.push('only one of url and urlSecret can be set');
  if (secret !== undefined) return { secret };
  if (text === '')
    problems.push('url is missing; set the broker, such as amqp://host:5672, or urlSecret');
  else if (!isAmqpUrl(text)) problems.push('url must be an address such as amqp://host:5672/vhost');
  return { text };
}

export function isAmqpUrl(text: string): boolean {
  return URL.canParse(text) && /^amqps?:$/.test(new URL(text).protocol);
}

function parseAuth(fields: Fields, problems: string[]): AmqpSettings['auth'] {
  const auth = fields['auth'];
  if (auth === undefined || auth === null) return undefined;
  const block = isFields(auth) ? auth : {};
  const username = selectorField(block, 'username', problems);
  const password = selectorField(block, 'password', problems);
  if (username !== undefined && password !== undefined) return { username, password };
  problems.push('auth must name the Secrets of username and password: {name, key} each');
  return undefined;
}

function blockOf(fields: Fields, name: string, absent: Fields, problems: string[]): Fields {
  const value = fields[name];
  if (value === undefined || value === null) return absent;
  if (isFields(value)) return value;
  problems.push(`${name} must be a map`);
  return absent;
}
