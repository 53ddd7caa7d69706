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

/** How the API of GitHub is logged in to. */
export type GithubLogin =
  | { readonly kind: 'Token'; readonly token: SecretSelector }
  | {
      readonly kind: 'App';
      readonly privateKey: SecretSelector;
      readonly appId: string;
      readonly installationId: string;
    };

export interface GithubSettings {
  readonly webhookSecret: SecretSelector | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  /** Where GitHub sends its requests; with a login, hooks are set up for it. */
  readonly hookUrl: string | undefined;
  readonly login: GithubLogin | undefined;
  readonly apiUrl: string;
  /** API paths of what has the hooks, such as `/repos/o/r`. */
  readonly places: readonly string[];
  readonly events: readonly string[];
  readonly contentType: 'json' | 'form';
  readonly insecureTls: boolean;
  readonly active: boolean;
  readonly removeAtEnd: boolean;
}

const API_URL_DEFAULT = 'https://api.github.com';

/** Reads `spec.github.<event>`. */
export function parseGithubSettings(
  fields: Fields,
  http: HttpSettings,
  problems: string[],
): GithubSettings {
  const contentType = textField(fields, 'contentType', problems, 'json');
  if (contentType !== 'json' && contentType !== 'form') {
    problems.push('contentType must be json or form');
  }
  const events = textsField(fields, 'events', problems);
  return {
    webhookSecret: selectorField(fields, 'webhookSecret', problems),
    metadata: metadataField(fields, problems),
    hookUrl: publicUrl(http),
    login: parseLogin(fields, problems),
    apiUrl: baseUrlField(fields, 'githubBaseURL', problems, API_URL_DEFAULT),
    places: parsePlaces(fields, problems),
    events: events.length > 0 ? events : ['*'],
    contentType: contentType === 'form' ? 'form' : 'json',
    insecureTls: flagField(fields, 'insecure', problems),
    active: flagField(fields, 'active', problems, true),
    removeAtEnd: flagField(fields, 'deleteHookOnFinish', problems),
  };
}

function parsePlaces(fields: Fields, problems: string[]): readonly string[] {
  const repository = (owner: string, name: string): string =>
    `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
  const places = textsField(fields, 'organizations', problems).map(
    (organization) => `/orgs/${encodeURIComponent(organization)}`,
  );
  for (const entry of fieldsListField(fields, 'repositories', problems)) {
    const owner = textField(entry, 'owner', problems);
    const names = textsField(entry, 'names', problems);
    if (owner === '' || names.length === 0) problems.push('repositories need owner and names');
    places.push(...names.map((name) => repository(owner, name)));
  }
  const owner = textField(fields, 'owner', problems);
  const name = textField(fields, 'repository', problems);
  if (owner !== '' && name !== '') places.push(repository(owner, name));
  if (places.length === 0) problems.push('repositories or organizations is missing; set one');
  return places;
}

function parseLogin(fields: Fields, problems: string[]): GithubLogin | undefined {
  const token = selectorField(fields, 'apiToken', problems);
  const app = fields['githubApp'];
  if (app === undefined || app === null) return token && { kind: 'Token', token };
  if (!isFields(app)) {
    problems.push('githubApp must be a map');
    return undefined;
  }
  const privateKey = selectorField(app, 'privateKey', problems);
  const appId = textField(app, 'appID', problems);
  const installationId = textField(app, 'installationID', problems);
  if (privateKey === undefined || !/^\d+$/.test(appId) || !/^\d+$/.test(installationId)) {
    problems.push('githubApp needs privateKey, appID and installationID');
    return undefined;
  }
  return { kind: 'App', privateKey, appId, installationId };
}
