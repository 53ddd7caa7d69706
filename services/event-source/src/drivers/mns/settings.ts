import type { SecretSelector } from '../driver.ts';
import {
  baseUrlField,
  flagField,
  selectorField,
  textField,
  type Fields,
} from '../http/settings.ts';

export interface MnsSettings {
  readonly queue: string;
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly access: SecretSelector | undefined;
  readonly secret: SecretSelector | undefined;
  readonly isJson: boolean;
}

/** Reads `spec.mns.<event>`. */
export function parseMnsSettings(fields: Fields, problems: string[]): MnsSettings {
  const queue = textField(fields, 'queue', problems);
  if (!/^[A-Za-z0-9-]+$/.test(queue)) problems.push("queue must be the queue's name");
  const endpoint = baseUrlField(fields, 'endpoint', problems, '');
  if (endpoint === '') {
    problems.push('endpoint is missing; set the one of the account, such as https://1.mns.example');
  }
  const access = selectorField(fields, 'accessKey', problems);
  const secret = selectorField(fields, 'secretKey', problems);
  if (access === undefined || secret === undefined) {
    problems.push('accessKey and secretKey must each name a Secret and one of its keys');
  }
  return { queue, endpoint, access, secret, isJson: flagField(fields, 'jsonBody', problems) };
}
