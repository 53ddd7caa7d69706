import { parseConnectionBackoff } from '../connection-backoff.ts';
import { flagField, metadataField, textField, type Fields } from '../http/settings.ts';
import type { ConnectionWaits } from '../lasting-connection.ts';
import { parseTlsSettings, type TlsSettings } from '../tls-settings.ts';

/** One event of `nsq`, checked. */
export interface NsqSettings {
  /** HTTP address of nsqlookupd, `host:port`. */
  readonly hostAddress: string;
  readonly topic: string;
  readonly channel: string;
  readonly tls: TlsSettings | undefined;
  readonly waits: ConnectionWaits;
  readonly isJson: boolean;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** What nsqd takes as the name of a topic or channel. */
const NAME = /^[.a-zA-Z0-9_-]{1,64}(#ephemeral)?$/;
const ADDRESS = /^(\[[^\]]+\]|[^:/\s]+):\d{1,5}$/;

/** Reads `spec.nsq.<event>`; what is wrong goes to `problems`, as sentences. */
export function parseNsqSettings(fields: Fields, problems: string[]): NsqSettings {
  const hostAddress = textField(fields, 'hostAddress', problems);
  if (!ADDRESS.test(hostAddress)) {
    problems.push('hostAddress must be the HTTP address of nsqlookupd, such as nsqlookupd:4161');
  }
  return {
    hostAddress,
    topic: nameField(fields, 'topic', problems),
    channel: nameField(fields, 'channel', problems),
    tls: parseTlsSettings(fields, problems),
    waits: parseConnectionBackoff(fields, problems),
    isJson: flagField(fields, 'jsonBody', problems),
    metadata: metadataField(fields, problems),
  };
}

function nameField(fields: Fields, name: string, problems: string[]): string {
  const text = textField(fields, name, problems);
  if (text === '') problems.push(`${name} is missing; set the name of the ${name}`);
  else if (!NAME.test(text)) {
    problems.push(`${name} must be up to 64 letters, digits, dots, dashes and underscores`);
  }
  return text;
}
