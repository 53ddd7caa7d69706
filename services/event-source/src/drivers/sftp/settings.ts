import type { FileOperation } from '@argosy/core-events';
import {
  parseInterval,
  parseOperation,
  parseWatchPathConfig,
  type WatchSettings,
} from '../directory/settings.ts';
import type { SecretSelector } from '../driver.ts';
import { metadataField, selectorField, type Fields } from '../http/settings.ts';

/** The settings of one SFTP event, checked. */
export interface SftpSettings {
  /** Where `host:port`, the user and what proves who it is are kept. */
  readonly address: SecretSelector;
  readonly username: SecretSelector;
  readonly password: SecretSelector | undefined;
  /** A private key. */
  readonly sshKey: SecretSelector | undefined;
  /** The server's own public key; without it any server is taken for the right one. */
  readonly hostKey: SecretSelector | undefined;
  readonly watch: WatchSettings;
  readonly operation: FileOperation;
  readonly intervalMs: number;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** What can be told from a listing of names, sizes and times. */
const OPERATIONS: readonly FileOperation[] = ['CREATE', 'WRITE', 'REMOVE'];
const INTERVAL_MS_DEFAULT = 10_000;
const NOWHERE: SecretSelector = { name: '', key: '' };

/** Reads `spec.sftp.<event>`. */
export function parseSftpSettings(fields: Fields, problems: string[]): SftpSettings {
  const needed = (name: string): SecretSelector => {
    const selector = selectorField(fields, name, problems);
    if (selector === undefined && (fields[name] ?? undefined) === undefined) {
      problems.push(`${name} is missing; name a Secret and one of its keys: {name, key}`);
    }
    return selector ?? NOWHERE;
  };
  const password = selectorField(fields, 'password', problems);
  const sshKey = selectorField(fields, 'sshKeySecret', problems);
  if (password === undefined && sshKey === undefined) {
    problems.push('password or sshKeySecret is missing; name a Secret and one of its keys');
  }
  return {
    address: needed('address'),
    username: needed('username'),
    password,
    sshKey,
    hostKey: selectorField(fields, 'hostKeySecret', problems),
    watch: parseWatchPathConfig(fields, problems),
    operation: parseOperation(fields, 'eventType', problems, OPERATIONS),
    intervalMs: parseInterval(fields, 'pollIntervalDuration', problems, INTERVAL_MS_DEFAULT),
    metadata: metadataField(fields, problems),
  };
}
