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

/** How a broker is reached and what its messages are: what `mqtt` and `emitter` share. */
export interface MqttBroker {
  readonly url: string;
  readonly username: SecretSelector | undefined;
  readonly password: SecretSelector | undefined;
  readonly tls: TlsSettings | undefined;
  readonly waits: ConnectionWaits;
  readonly isJson: boolean;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** One event of `mqtt`, checked. */
export interface MqttSettings {
  readonly broker: MqttBroker;
  readonly topic: string;
  readonly clientId: string;
  /** A field of Argosy's own. 1: the broker keeps what comes while nobody listens. */
  readonly qos: 0 | 1;
}

const SCHEMES = new Set(['tcp:', 'mqtt:', 'ssl:', 'mqtts:', 'ws:', 'wss:']);

/** Reads `spec.mqtt.<event>`; what is wrong goes to `problems`, as sentences. */
export function parseMqttSettings(fields: Fields, problems: string[]): MqttSettings {
  const topic = textField(fields, 'topic', problems);
  if (topic === '') problems.push('topic is missing; set the topic to subscribe to');
  else if (!isTopicFilter(topic)) problems.push(`topic: "${topic}" is no topic to subscribe to`);
  const clientId = textField(fields, 'clientId', problems);
  if (clientId === '') problems.push('clientId is missing; set one that no other client has');
  const qos = fields['qos'] ?? 0;
  if (qos !== 0 && qos !== 1) {
    problems.push('qos must be 0 or 1; with 1 what is not acknowledged comes again');
  }
  const auth = isFields(fields['auth']) ? fields['auth'] : {};
  return {
    broker: parseMqttBroker(fields, { urlField: 'url', secrets: auth, problems }),
    topic,
    clientId,
    qos: qos === 1 ? 1 : 0,
  };
}

/** @param options.secrets the fields that have `username` and `password` */
export function parseMqttBroker(
  fields: Fields,
  options: {
    readonly urlField: string;
    readonly secrets: Fields;
    readonly problems: string[];
  },
): MqttBroker {
  const { urlField, secrets, problems } = options;
  const url = textField(fields, urlField, problems);
  if (url === '') {
    problems.push(`${urlField} is missing; set the broker's address, such as tcp://host:1883`);
  } else if (!URL.canParse(url) || !SCHEMES.has(new URL(url).protocol)) {
    problems.push(
      `${urlField} must begin with tcp, mqtt, ssl, mqtts, ws or wss, as tcp://host:1883`,
    );
  }
  return {
    url,
    username: selectorField(secrets, 'username', problems),
    password: selectorField(secrets, 'password', problems),
    tls: parseTlsSettings(fields, problems),
    waits: parseConnectionBackoff(fields, problems),
    isJson: flagField(fields, 'jsonBody', problems),
    metadata: metadataField(fields, problems),
  };
}

/** Levels between slashes, where `+` stands for one and a last `#` for all that follow. */
function isTopicFilter(topic: string): boolean {
  const levels = topic.split('/');
  return levels.every((level, index) =>
    level === '#' ? index === levels.length - 1 : /^(\+|[^+#\0]*)$/.test(level),
  );
}
