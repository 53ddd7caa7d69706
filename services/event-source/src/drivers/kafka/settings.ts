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

/** One event of `spec.kafka`, checked. */
export interface KafkaSettings {
  /** As they are written; the first one is part of the events' ids. */
  readonly brokers: readonly [string, ...string[]];
  readonly topic: string;
  readonly reading: KafkaReading;
  readonly jsonBody: boolean;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  /** Most events of one replica in a second. */
  readonly eventsPerSecondMax: number | undefined;
  readonly tls: TlsSettings | undefined;
  readonly sasl: KafkaSasl | undefined;
  /** Between tries to connect. */
  readonly waits: ConnectionWaits;
}

/** A group shares the topic's partitions among its members; a single partition has one reader. */
export type KafkaReading =
  | {
      readonly kind: 'Group';
      readonly groupName: string;
      /** Where partitions begin of which the group has read nothing yet. */
      readonly startsAt: 'Oldest' | 'Newest';
      readonly rebalanceStrategy: RebalanceStrategy;
    }
  | { readonly kind: 'Partition'; readonly partition: number };

export type RebalanceStrategy = 'range' | 'roundrobin' | 'sticky';

export interface KafkaSasl {
  readonly mechanism: SaslMechanism;
  readonly user: SecretSelector;
  readonly password: SecretSelector;
}

export type SaslMechanism = (typeof SASL_MECHANISMS)[number];

const SASL_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
const REBALANCE_STRATEGIES = ['range', 'roundrobin', 'sticky'] as const;

/** Fields of Argo Events that are not built here, with what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
  awsMskIamAuth: 'use sasl with SCRAM-SHA-512, which MSK has too',
  schemaRegistry: 'leave jsonBody out and decode the base64 body in the sensor',
  config: 'remove it; what it tunes is set by the service itself',
};

/** Reads one event of `spec.kafka`; what is wrong goes to `problems`. */
export function parseKafkaSettings(fields: Fields, problems: string[]): KafkaSettings {
  for (const [field, hint] of Object.entries(REFUSED)) {
    const given = fields[field];
    if (given !== undefined && given !== null && given !== '') {
      problems.push(`${field} is not supported here; ${hint}`);
    }
  }
  const topic = textField(fields, 'topic', problems);
  if (topic === '') problems.push('topic is missing; set the topic to read');
  return {
    brokers: parseBrokers(fields, problems),
    topic,
    reading: parseReading(fields, problems),
    jsonBody: flagField(fields, 'jsonBody', problems),
    metadata: metadataField(fields, problems),
    eventsPerSecondMax: parseLimit(fields['limitEventsPerSecond'], problems),
    tls: parseTlsSettings(fields, problems),
    sasl: parseSasl(fields['sasl'], problems),
    waits: parseConnectionBackoff(fields, problems),
  };
}

function parseBrokers(fields: Fields, problems: string[]): readonly [string, ...string[]] {
  const [first, ...others] = textField(fields, 'url', problems)
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '');
  if (first === undefined) {
    problems.push('url is missing; set the brokers, such as kafka-1:9092,kafka-2:9092');
    return [''];
  }
  for (const broker of [first, ...others]) {
    if (!/^(\[[^\]]+\]|[^:\s/]+)(:\d+)?$/.test(broker)) {
      problems.push(`url: "${broker}" is no broker; write host:port, without a scheme`);
    }
  }
  return [first, ...others];
}

function parseReading(fields: Fields, problems: string[]): KafkaReading {
  const group = fields['consumerGroup'];
  if (group === undefined || group === null) {
    return { kind: 'Partition', partition: parsePartition(fields, problems) };
  }
  const found: string[] = [];
  const settings: Fields = isFields(group) ? group : {};
  if (!isFields(group)) problems.push('consumerGroup must be a map: {groupName}');
  const groupName = textField(settings, 'groupName', found);
  if (groupName === '') found.push('groupName is missing; name the group, such as argosy-orders');
  const startsAt = flagField(settings, 'oldest', found) ? 'Oldest' : 'Newest';
  const wanted = textField(settings, 'rebalanceStrategy', found, 'range');
  const rebalanceStrategy = REBALANCE_STRATEGIES.find((name) => name === wanted);
  if (rebalanceStrategy === undefined) {
    found.push(`rebalanceStrategy must be one of ${REBALANCE_STRATEGIES.join(', ')}`);
  }
  problems.push(...found.map((problem) => `consumerGroup.${problem}`));
  return { kind: 'Group', groupName, startsAt, rebalanceStrategy: rebalanceStrategy ?? 'range' };
}

function parsePartition(fields: Fields, problems: string[]): number {
  const text = textField(fields, 'partition', problems);
  if (/^\d{1,9}$/.test(text)) return Number(text);
  problems.push(
    text === ''
      ? 'either consumerGroup or partition must be set, such as consumerGroup: {groupName: orders}'
      : 'partition must be a number such as "0"',
  );
  return 0;
}

/** Upstream's type is an integer; 0 is no limit. */
function parseLimit(value: unknown, problems: string[]): number | undefined {
  if (value === undefined || value === null || value === 0) return undefined;
  if (typeof value === 'number' && value > 0) return value;
  problems.push('limitEventsPerSecond must be a number above 0');
  return undefined;
}

function parseSasl(value: unknown, problems: string[]): KafkaSasl | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isFields(value)) {
    problems.push('sasl must be a map: {mechanism, userSecret, passwordSecret}');
    return undefined;
  }
  const found: string[] = [];
  const wanted = textField(value, 'mechanism', found, 'PLAIN');
  const mechanism = SASL_MECHANISMS.find((name) => name === wanted);
  if (mechanism === undefined) {
    found.push(`mechanism ${wanted} is not supported here; use ${SASL_MECHANISMS.join(', ')}`);
  }
  const user = selectorField(value, 'userSecret', found);
  const password = selectorField(value, 'passwordSecret', found);
  if (mechanism !== undefined && (user === undefined || password === undefined)) {
    found.push('userSecret and passwordSecret must both be set: {name, key}');
  }
  problems.push(...found.map((problem) => `sasl.${problem}`));
  return mechanism && user && password ? { mechanism, user, password } : undefined;
}
