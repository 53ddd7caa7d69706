import { parseServiceUrl, topicName } from '@argosy/pulsar';
import { parseConnectionBackoff } from '../connection-backoff.ts';
import type { SecretSelector } from '../driver.ts';
import {
  flagField,
  metadataField,
  selectorField,
  textField,
  textsField,
  type Fields,
} from '../http/settings.ts';
import type { ConnectionWaits } from '../lasting-connection.ts';

/** One event of `spec.pulsar`, checked. */
export interface PulsarSettings {
  readonly url: string;
  /** Whole names, each once. */
  readonly topics: readonly string[];
  readonly type: 'Exclusive' | 'Shared';
  readonly token: SecretSelector | undefined;
  readonly tls: {
    readonly authorities: SecretSelector | undefined;
    readonly allowsUntrusted: boolean;
    readonly allowsOtherHosts: boolean;
  };
  readonly jsonBody: boolean;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  /** Between tries to connect. */
  readonly waits: ConnectionWaits;
}

/** Fields of Argo Events that are not built here, with what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
  authAthenzParams: 'use authTokenSecret',
  authAthenzSecret: 'use authTokenSecret',
  tls: 'use tlsTrustCertsSecret for the authority and authTokenSecret instead of a certificate',
};

/** Reads one event of `spec.pulsar`; what is wrong goes to `problems`. */
export function parsePulsarSettings(fields: Fields, problems: string[]): PulsarSettings {
  for (const [field, hint] of Object.entries(REFUSED)) {
    const given = fields[field];
    if (given !== undefined && given !== null) {
      problems.push(`${field} is not supported here; ${hint}`);
    }
  }
  const type = textField(fields, 'type', problems, 'exclusive');
  if (type !== 'exclusive' && type !== 'shared') {
    problems.push('type must be either exclusive or shared');
  }
  return {
    url: parseUrl(fields, problems),
    topics: parseTopics(fields, problems),
    type: type === 'shared' ? 'Shared' : 'Exclusive',
    token: selectorField(fields, 'authTokenSecret', problems),
    tls: {
      authorities: selectorField(fields, 'tlsTrustCertsSecret', problems),
      allowsUntrusted: flagField(fields, 'tlsAllowInsecureConnection', problems),
      allowsOtherHosts: !flagField(fields, 'tlsValidateHostname', problems, true),
    },
    jsonBody: flagField(fields, 'jsonBody', problems),
    metadata: metadataField(fields, problems),
    waits: parseConnectionBackoff(fields, problems),
  };
}

function parseUrl(fields: Fields, problems: string[]): string {
  const url = textField(fields, 'url', problems);
  if (url === '') {
    problems.push('url is missing; set the broker, such as pulsar://host:6650');
    return '';
  }
  const parsed = parseServiceUrl(url);
  if (!parsed.ok) problems.push(`url ${parsed.error}`);
  return url;
}

function parseTopics(fields: Fields, problems: string[]): readonly string[] {
  const texts = textsField(fields, 'topics', problems);
  if (texts.length === 0) problems.push('topics is missing; list the topics to read');
  const names = new Set<string>();
  for (const text of texts) {
    const name = topicName(text);
    if (name !== undefined) names.add(name);
    else {
      problems.push(
        `topics: "${text}" is no topic; write a name or persistent://tenant/namespace/name`,
      );
    }
  }
  return Array.from(names);
}
