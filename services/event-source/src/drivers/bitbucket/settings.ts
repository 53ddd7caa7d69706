import type { SecretSelector } from '../driver.ts';
import {
  baseUrlField,
  fieldsListField,
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

/** How the API of Bitbucket is logged in to. */
export type BitbucketLogin =
  | { readonly kind: 'Basic'; readonly user: SecretSelector; readonly password: SecretSelector }
  | { readonly kind: 'Token'; readonly token: SecretSelector };

export interface BitbucketSettings {
  /** A field of Argosy's own: Argo Events checks no signature here. */
  readonly webhookSecret: SecretSelector | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly hookUrl: string | undefined;
  readonly login: BitbucketLogin | undefined;
  readonly apiUrl: string;
  /** API paths of the repositories, such as `/repositories/o/r`. */
  readonly places: readonly string[];
  readonly events: readonly string[];
  readonly removeAtEnd: boolean;
}

/** Reads `spec.bitbucket.<event>`. */
export function parseBitbucketSettings(
  fields: Fields,
  http: HttpSettings,
  problems: string[],
): BitbucketSettings {
  const events = textsField(fields, 'events', problems);
  if (events.length === 0) problems.push('events is missing; list some, such as repo:push');
  return {
    webhookSecret: selectorField(fields, 'webhookSecret', problems),
    metadata: metadataField(fields, problems),
    hookUrl: publicUrl(http),
    login: parseLogin(fields, problems),
    apiUrl: baseUrlField(fields, 'bitbucketBaseURL', problems, 'https://api.bitbucket.org/2.0'),
    places: parsePlaces(fields, problems),
    events,
    removeAtEnd: flagField(fields, 'deleteHookOnFinish', problems),
  };
}

function parsePlaces(fields: Fields, problems: string[]): readonly string[] {
  const entries = [...fieldsListField(fields, 'repositories', problems)];
  if (fields['repositorySlug'] !== undefined) entries.push(fields);
  return entries.map((entry) => {
    const owner = textField(entry, 'owner', problems);
    const slug = textField(entry, 'repositorySlug', problems);
    if (owner === '' || slug === '') problems.push('a repository needs owner and repositorySlug');
    return `/repositories/${encodeURIComponent(owner)}/${encodeURIComponent(slug)}`;
  });
}

function parseLogin(fields: Fields, problems: string[]): BitbucketLogin | undefined {
  const auth = fields['auth'];
  if (!isFields(auth)) return undefined;
  const token = selectorField(auth, 'oauthToken', problems);
  if (token !== undefined) return { kind: 'Token', token };
  if (!isFields(auth['basic'])) return undefined;
  const user = selectorField(auth['basic'], 'username', problems);
  const password = selectorField(auth['basic'], 'password', problems);
  if (user !== undefined && password !== undefined) return { kind: 'Basic', user, password };
  problems.push('auth.basic needs username and password');
  return undefined;
}
