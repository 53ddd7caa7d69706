import type { SecretSelector } from '../driver.ts';
import {
  baseUrlField,
  flagField,
  isFields,
  metadataField,
  publicUrl,
  selectorField,
  textField,
  textsField,
  type Fields,
  type HttpSettings,
} from '../http/settings.ts';

export interface GerritSettings {
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly hookUrl: string | undefined;
  readonly hookName: string;
  readonly login: { readonly user: SecretSelector; readonly password: SecretSelector } | undefined;
  readonly apiUrl: string;
  readonly projects: readonly string[];
  readonly events: readonly string[];
  readonly verifyTls: boolean;
  readonly removeAtEnd: boolean;
}

/** Reads `spec.gerrit.<event>`. */
export function parseGerritSettings(
  fields: Fields,
  http: HttpSettings,
  problems: string[],
): GerritSettings {
  const apiUrl = baseUrlField(fields, 'gerritBaseURL', problems, '');
  if (apiUrl === '') problems.push('gerritBaseURL is missing');
  const hookName = textField(fields, 'hookName', problems);
  if (hookName === '') problems.push('hookName is missing');
  return {
    metadata: metadataField(fields, problems),
    hookUrl: publicUrl(http),
    hookName,
    login: parseLogin(fields, problems),
    apiUrl,
    projects: textsField(fields, 'projects', problems),
    events: textsField(fields, 'events', problems),
    verifyTls: flagField(fields, 'sslVerify', problems),
    removeAtEnd: flagField(fields, 'deleteHookOnFinish', problems),
  };
}

function parseLogin(fields: Fields, problems: string[]): GerritSettings['login'] {
  const auth = fields['auth'];
  if (!isFields(auth)) return undefined;
  const user = selectorField(auth, 'username', problems);
  const password = selectorField(auth, 'password', problems);
  if (user !== undefined && password !== undefined) return { user, password };
  if (user !== undefined || password !== undefined) {
    problems.push('auth needs username and password');
  }
  return undefined;
}
