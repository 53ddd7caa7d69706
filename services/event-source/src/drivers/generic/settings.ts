import type { SecretSelector } from '../driver.ts';
import {
  flagField,
  metadataField,
  selectorField,
  textField,
  type Fields,
} from '../http/settings.ts';
import { parseTlsSettings, type TlsSettings } from '../tls-settings.ts';

/** The settings of one event of a server of one's own, checked. */
export interface GenericSettings {
  /** `host:port`. */
  readonly url: string;
  /** What the server is sent to say what is wanted. */
  readonly config: string;
  /** The connection is in the clear. */
  readonly insecure: boolean;
  readonly tls: TlsSettings | undefined;
  readonly authSecret: SecretSelector | undefined;
  readonly jsonBody: boolean;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** Reads `spec.generic.<event>`. */
export function parseGenericSettings(fields: Fields, problems: string[]): GenericSettings {
  const url = textField(fields, 'url', problems);
  if (url === '') problems.push('url is missing; set host:port of the event source server');
  if (url.includes('://')) problems.push('url must be host:port, without a scheme');
  const config = textField(fields, 'config', problems);
  if (config === '') problems.push('config is missing; the event source server is sent it');
  const tls = parseTlsSettings(fields, problems);
  if (tls?.client !== undefined || tls?.insecureSkipVerify === true) {
    problems.push('tls may have caCertSecret only, for a gRPC server');
  }
  return {
    url,
    config,
    insecure: flagField(fields, 'insecure', problems),
    tls,
    authSecret: selectorField(fields, 'authSecret', problems),
    jsonBody: flagField(fields, 'jsonBody', problems),
    metadata: metadataField(fields, problems),
  };
}
