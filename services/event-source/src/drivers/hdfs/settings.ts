import { FILE_OPERATIONS, type FileOperation } from '@argosy/core-events';
import {
  parseInterval,
  parseWatchPath,
  requireTrailingSlash,
  type WatchSettings,
} from '../directory/settings.ts';
import { isHttpUrl, metadataField, textField, textsField, type Fields } from '../http/settings.ts';

/** The settings of one HDFS event, checked. */
export interface HdfsSettings {
  /** The name nodes' addresses for WebHDFS, without a slash at their ends. */
  readonly addresses: readonly string[];
  readonly user: string;
  readonly watch: WatchSettings;
  readonly operations: ReadonlySet<FileOperation>;
  readonly intervalMs: number;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

const INTERVAL_MS_DEFAULT = 60_000;
const KERBEROS_FIELDS = [
  'krbCCacheSecret',
  'krbKeytabSecret',
  'krbUsername',
  'krbRealm',
  'krbConfigConfigMap',
  'krbServicePrincipalName',
];

/** Reads `spec.hdfs.<event>`. */
export function parseHdfsSettings(fields: Fields, problems: string[]): HdfsSettings {
  const addresses = textsField(fields, 'addresses', problems);
  if (addresses.length === 0 || !addresses.every(isHttpUrl)) {
    const what = 'must be addresses of name nodes for WebHDFS such as http://namenode:9870';
    problems.push(`addresses ${what}; Hadoop's own protocol (port 8020) is not spoken here`);
  }
  for (const field of KERBEROS_FIELDS) {
    if (fields[field] === undefined) continue;
    problems.push(`${field} is not supported: Kerberos is not spoken here; use hdfsUser`);
  }
  const user = textField(fields, 'hdfsUser', problems);
  if (user === '') problems.push('hdfsUser is missing; set the user to read the directory as');
  const watch = parseWatchPath(fields, problems);
  requireTrailingSlash(watch, 'directory', problems);
  return {
    addresses: addresses.map((address) => address.replace(/\/+$/, '')),
    user,
    watch,
    operations: parseOperations(fields, problems),
    intervalMs: parseInterval(fields, 'checkInterval', problems, INTERVAL_MS_DEFAULT),
    metadata: metadataField(fields, problems),
  };
}

/** `type`: one operation or several, such as `CREATE|WRITE`. */
function parseOperations(fields: Fields, problems: string[]): ReadonlySet<FileOperation> {
  const names = textField(fields, 'type', problems).split('|');
  const known = FILE_OPERATIONS.filter((operation) => names.includes(operation));
  if (known.length < names.length) {
    problems.push(`type must be one or several of ${FILE_OPERATIONS.join('|')}`);
  }
  return new Set(known);
}
