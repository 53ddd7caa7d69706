import type { SecretSelector } from '../driver.ts';
import {
  baseUrlField,
  fieldsListField,
  flagField,
  metadataField,
  publicUrl,
  selectorField,
  textField,
  textsField,
  type Fields,
  type HttpSettings,
} from '../http/settings.ts';

export interface BitbucketServerRepository {
  readonly projectKey: string;
  readonly slug: string;
}

export interface BitbucketServerSettings {
  readonly webhookSecret: SecretSelector | undefined;
  readonly accessToken: SecretSelector | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly hookUrl: string | undefined;
  /** With `/rest`. */
  readonly apiUrl: string;
  readonly repositories: readonly BitbucketServerRepository[];
  /** Keys of projects all of whose repositories are meant. */
  readonly projects: readonly string[];
  readonly events: readonly string[];
  readonly oneEventPerChange: boolean;
  readonly skipsBranchesOfOpenPullRequests: boolean;
  readonly checkEveryMs: number;
  readonly removeAtEnd: boolean;
}

const CHECK_EVERY_MS_DEFAULT = 60_000;
const CHECK_EVERY_MS_MIN = 1_000;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Reads `spec.bitbucketserver.<event>`. */
export function parseBitbucketServerSettings(
  fields: Fields,
  http: HttpSettings,
  problems: string[],
): BitbucketServerSettings {
  const skips = flagField(fields, 'skipBranchRefsChangedOnOpenPR', problems);
  const accessToken = selectorField(fields, 'accessToken', problems);
  if (fields['tls'] !== undefined) {
    problems.push('tls is not supported here; add the authority to NODE_EXTRA_CA_CERTS');
  }
  if (skips && accessToken === undefined) {
    problems.push('skipBranchRefsChangedOnOpenPR needs accessToken to look pull requests up');
  }
  const apiUrl = baseUrlField(fields, 'bitbucketserverBaseURL', problems, '');
  if (apiUrl === '') problems.push('bitbucketserverBaseURL is missing; it ends in /rest');
  return {
    webhookSecret: selectorField(fields, 'webhookSecret', problems),
    accessToken,
    metadata: metadataField(fields, problems),
    hookUrl: publicUrl(http),
    apiUrl: apiUrl.endsWith('/rest') ? apiUrl : `${apiUrl}/rest`,
    ...bitbucketServerTargets(fields, problems),
    events: textsField(fields, 'events', problems),
    oneEventPerChange: flagField(fields, 'oneEventPerChange', problems),
    skipsBranchesOfOpenPullRequests: skips,
    checkEveryMs: parseInterval(fields, problems),
    removeAtEnd: flagField(fields, 'deleteHookOnFinish', problems),
  };
}

/** The repositories and projects that are named in one of the three ways. */
export function bitbucketServerTargets(
  fields: Fields,
  problems: string[],
): Pick<BitbucketServerSettings, 'repositories' | 'projects'> {
  const repositories = fieldsListField(fields, 'repositories', problems).map((entry) => ({
    projectKey: textField(entry, 'projectKey', problems),
    slug: textField(entry, 'repositorySlug', problems),
  }));
  if (repositories.some(({ projectKey, slug }) => projectKey === '' || slug === '')) {
    problems.push('repositories need projectKey and repositorySlug');
  }
  const projectKey = textField(fields, 'projectKey', problems);
  const slug = textField(fields, 'repositorySlug', problems);
  if (projectKey !== '' && slug !== '') repositories.push({ projectKey, slug });
  return { repositories, projects: textsField(fields, 'projects', problems) };
}

/** Whether hooks are set up at the server: there must be a token, a place to call and a target. */
export function wantsBitbucketServerHooks(fields: Fields, url: string | undefined): boolean {
  const { repositories, projects } = bitbucketServerTargets(fields, []);
  const hasToken = selectorField(fields, 'accessToken', []) !== undefined;
  return hasToken && url !== undefined && repositories.length + projects.length > 0;
}

function parseInterval(fields: Fields, problems: string[]): number {
  const text = textField(fields, 'checkInterval', problems);
  if (text === '') return CHECK_EVERY_MS_DEFAULT;
  const match = /^(\d+)(ms|s|m|h)$/.exec(text);
  const durationMs = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? Number.NaN);
  if (durationMs >= CHECK_EVERY_MS_MIN) return durationMs;
  problems.push('checkInterval must be a duration of at least one second, such as 1m');
  return CHECK_EVERY_MS_DEFAULT;
}
