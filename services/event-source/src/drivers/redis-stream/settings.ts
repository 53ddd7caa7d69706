import { metadataField, textField, textsField, type Fields } from '../http/settings.ts';
import { numberField, parseRedisServer, type RedisServer } from '../redis/settings.ts';

/** One event of `redisStream`, checked. */
export interface RedisStreamSettings {
  readonly server: RedisServer;
  readonly streams: readonly string[];
  readonly consumerGroup: string;
  /** Most entries of one stream that are read at once. */
  readonly entriesMax: number;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** Argo Events' own group, so that what it has read already is not read again. */
const CONSUMER_GROUP_DEFAULT = 'argo-events-cg';
const ENTRIES_DEFAULT = 10;
const ENTRIES_MAX = 1_000;

/** Reads `spec.redisStream.<event>`; what is wrong goes to `problems`, as sentences. */
export function parseRedisStreamSettings(fields: Fields, problems: string[]): RedisStreamSettings {
  const entries = numberField(fields, 'maxMsgCountPerRead', { problems, fallback: 0 });
  const settings: RedisStreamSettings = {
    server: parseRedisServer(fields, problems),
    streams: textsField(fields, 'streams', problems),
    consumerGroup: textField(fields, 'consumerGroup', problems, CONSUMER_GROUP_DEFAULT),
    entriesMax: entries === 0 ? ENTRIES_DEFAULT : entries,
    metadata: metadataField(fields, problems),
  };
  const { streams } = settings;
  if (entries > ENTRIES_MAX) problems.push(`maxMsgCountPerRead must be at most ${ENTRIES_MAX}`);
  if (streams.length === 0 && Array.isArray(fields['streams'] ?? [])) {
    problems.push('streams is missing; list the streams to read');
  }
  if (new Set(streams).size !== streams.length) problems.push('streams names a stream twice');
  return settings;
}
