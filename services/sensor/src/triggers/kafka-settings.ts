import { err, ok, type Result } from '@argosy/base';
import {
  appliedSettings,
  requiredProblems,
  secretOf,
  textOf,
  tlsTextsOf,
  type Settings,
} from './call-settings.ts';
import { secureHeaders } from './http-settings.ts';
import { isRecord, type TriggerCall, type ValueLookup } from './trigger.ts';

/** One record that a trigger sends. */
export interface KafkaRecordToSend {
  /** What tells one connection from another. */
  readonly connection: KafkaConnectionSettings;
  readonly topic: string;
  /** Undefined: the key decides, or chance without a key. */
  readonly partition: number | undefined;
  readonly key: string | undefined;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface KafkaConnectionSettings {
  readonly brokers: readonly string[];
  /** 1: the partition's leader has the record; -1: all replicas in sync have it. */
  readonly acks: 1 | -1;
  readonly isCompressed: boolean;
  readonly tls: KafkaTls | undefined;
  readonly sasl: KafkaSasl | undefined;
}

/** PEM. */
export interface KafkaTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized: boolean;
}

export interface KafkaSasl {
  readonly mechanism: (typeof SASL_MECHANISMS)[number];
  readonly username: string;
  readonly password: string;
}

interface Scope {
  readonly call: TriggerCall;
  readonly values: ValueLookup;
}

const SASL_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

const REQUIRED = {
  url: 'set the brokers, such as kafka-1:9092,kafka-2:9092',
  topic: 'set the topic to send to',
  payload: 'list the parameters that make up the record',
};

/** What is wrong with `template.kafka`; sentences. */
export function kafkaProblems(settings: Settings): readonly string[] {
  const problems = [...requiredProblems(settings, REQUIRED)];
  const { headers, partition, requiredAcks, schemaRegistry, url } = settings;
  for (const broker of typeof url === 'string' ? brokersOf(url) : []) {
    if (!/^(\[[^\]]+\]|[^:\s/]+)(:\d+)?$/.test(broker)) {
      problems.push(`url: "${broker}" is no broker; write host:port, without a scheme`);
    }
  }
  if (partition !== undefined && partitionOf(partition) === undefined) {
    problems.push('partition must be a number from 0 on');
  }
  if (![undefined, null, 0, 1, -1].includes(requiredAcks as number | undefined | null)) {
    problems.push(
      'requiredAcks must be 1 (the leader has it) or -1 (all in-sync replicas have it)',
    );
  }
  if (headers !== undefined && !isRecord(headers)) problems.push('headers must be a map');
  if (schemaRegistry !== undefined && schemaRegistry !== null) {
    problems.push(
      'schemaRegistry is not supported here; remove it, and the record is sent as JSON',
    );
  }
  problems.push(...saslProblems(settings['sasl']));
  return problems;
}

function saslProblems(sasl: unknown): readonly string[] {
  if (sasl === undefined || sasl === null) return [];
  if (!isRecord(sasl)) return ['sasl must be a map: {mechanism, userSecret, passwordSecret}'];
  if (mechanismOf(sasl) !== undefined) return [];
  const known = SASL_MECHANISMS.join(', ');
  return [`sasl.mechanism ${String(sasl['mechanism'])} is not supported here; use ${known}`];
}

/** Puts the record together: parameters, headers, secrets, payload. The error is a sentence. */
export function kafkaRecordOf(
  call: TriggerCall,
  values: ValueLookup,
): Result<KafkaRecordToSend, string> {
  const applied = appliedSettings(call);
  if (!applied.ok) return applied;
  const settings = applied.value;
  // Parameters may have made them wrong.
  const [problem] = kafkaProblems(settings);
  if (problem !== undefined) return err(problem);
  const connection = connectionOf(settings, { call, values });
  if (!connection.ok) return connection;
  const headers = headersOf(settings, { call, values });
  if (!headers.ok) return headers;
  const payload = call.payload(settings['payload']);
  if (!payload.ok) return payload;
  return ok({
    connection: connection.value,
    topic: String(settings['topic']),
    partition: partitionOf(settings['partition']),
    key: textOf(settings['partitioningKey']),
    value: payload.value,
    headers: headers.value,
  });
}

function connectionOf(settings: Settings, scope: Scope): Result<KafkaConnectionSettings, string> {
  const texts = tlsTextsOf(settings['tls'], scope);
  if (!texts.ok) return texts;
  const sasl = saslOf(settings['sasl'], scope);
  if (!sasl.ok) return sasl;
  const skipsCheck = isRecord(settings['tls']) && settings['tls']['insecureSkipVerify'] === true;
  return ok({
    brokers: brokersOf(String(settings['url'])),
    acks: settings['requiredAcks'] === -1 ? -1 : 1,
    isCompressed: settings['compress'] === true,
    tls: texts.value && { ...texts.value, rejectUnauthorized: !skipsCheck },
    sasl: sasl.value,
  });
}

function saslOf(sasl: unknown, scope: Scope): Result<KafkaSasl | undefined, string> {
  if (!isRecord(sasl)) return ok(undefined);
  const username = secretOf(sasl['userSecret'], 'sasl.userSecret', scope);
  if (!username.ok) return username;
  const password = secretOf(sasl['passwordSecret'], 'sasl.passwordSecret', scope);
  if (!password.ok) return password;
  const mechanism = mechanismOf(sasl) ?? 'PLAIN';
  return ok({ mechanism, username: username.value, password: password.value });
}

function headersOf(settings: Settings, scope: Scope): Result<Record<string, string>, string> {
  const given = isRecord(settings['headers']) ? Object.entries(settings['headers']) : [];
  const secure = secureHeaders(settings, scope.call, scope.values);
  if (!secure.ok) return secure;
  const texts = given.map(
    ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
  );
  return ok(Object.fromEntries([...texts, ...secure.value]));
}

function mechanismOf(sasl: Settings): KafkaSasl['mechanism'] | undefined {
  const wanted = textOf(sasl['mechanism']) ?? 'PLAIN';
  return SASL_MECHANISMS.find((name) => name === wanted);
}

function brokersOf(url: string): readonly string[] {
  return url
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '');
}

/** Parameters write texts. */
function partitionOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 ? number : undefined;
}
