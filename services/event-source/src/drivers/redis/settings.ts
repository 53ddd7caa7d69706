import type { SecretSelector } from '../driver.ts';
import {
  flagField,
  metadataField,
  selectorField,
  textField,
  textsField,
  type Fields,
} from '../http/settings.ts';
import { parseTlsSettings, type TlsSettings } from '../tls-settings.ts';

/** Which Redis server, and as whom. */
export interface RedisServer {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  /** Empty: the default user. */
  readonly username: string;
  readonly password: SecretSelector | undefined;
  readonly tls: TlsSettings | undefined;
}

/** One event of `redis`, checked. */
export interface RedisSettings {
  readonly server: RedisServer;
  readonly channels: readonly string[];
  /** Patterns of channels, as PSUBSCRIBE takes them; a field of Argosy's own. */
  readonly patterns: readonly string[];
  readonly isJson: boolean;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

const PORT_DEFAULT = 6_379;

/** Reads `spec.redis.<event>`; what is wrong goes to `problems`, as sentences that name the field. */
export function parseRedisSettings(fields: Fields, problems: string[]): RedisSettings {
  const found: string[] = [];
  const settings: RedisSettings = {
    server: parseRedisServer(fields, found),
    channels: textsField(fields, 'channels', found),
    patterns: textsField(fields, 'patterns', found),
    isJson: flagField(fields, 'jsonBody', found),
    metadata: metadataField(fields, found),
  };
  if (found.length === 0 && settings.channels.length + settings.patterns.length === 0) {
    found.push('channels is missing; list the channels to subscribe to, or set patterns');
  }
  problems.push(...found);
  return settings;
}

/** The fields that tell how a Redis server is reached. */
export function parseRedisServer(fields: Fields, problems: string[]): RedisServer {
  const address = textField(fields, 'hostAddress', problems);
  const match = /^(?:\[([^\]]+)\]|([^:/\s]+))(?::(\d{1,5}))?$/.exec(address);
  if (address === '') {
    problems.push('hostAddress is missing; set the address of the server, such as redis:6379');
  } else if (match === null) {
    problems.push(`hostAddress must be HOST:PORT such as redis:6379, not ${address}`);
  }
  return {
    host: match?.[1] ?? match?.[2] ?? '',
    port: match?.[3] === undefined ? PORT_DEFAULT : Number(match[3]),
    db: numberField(fields, 'db', { problems, fallback: 0 }),
    username: textField(fields, 'username', problems),
    password: selectorField(fields, 'password', problems),
    tls: parseTlsSettings(fields, problems),
  };
}

/** A whole number that is not negative. */
export function numberField(
  fields: Fields,
  name: string,
  options: { readonly problems: string[]; readonly fallback: number },
): number {
  const value = fields[name];
  if (value === undefined || value === null) return options.fallback;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  options.problems.push(`${name} must be a whole number that is not negative`);
  return options.fallback;
}
