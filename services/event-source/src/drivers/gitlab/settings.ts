import type { SecretSelector } from '../driver.ts';
import {
  baseUrlField,
  flagField,
  metadataField,
  publicUrl,
  selectorField,
  textField,
  textsField,
  type Fields,
  type HttpSettings,
} from '../http/settings.ts';

export interface GitlabSettings {
  readonly secretToken: SecretSelector | undefined;
  readonly accessToken: SecretSelector | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly hookUrl: string | undefined;
  /** With `/api/v4`. */
  readonly apiUrl: string;
  /** API paths of what has the hooks, such as `/projects/1`. */
  readonly places: readonly string[];
  /** As the API calls them, such as `push_events`. */
  readonly eventFields: readonly string[];
  readonly verifyTls: boolean;
  readonly removeAtEnd: boolean;
}

/** Reads `spec.gitlab.<event>`. */
export function parseGitlabSettings(
  fields: Fields,
  http: HttpSettings,
  problems: string[],
): GitlabSettings {
  const baseUrl = baseUrlField(fields, 'gitlabBaseURL', problems, 'https://gitlab.com');
  return {
    secretToken: selectorField(fields, 'secretToken', problems),
    accessToken: selectorField(fields, 'accessToken', problems),
    metadata: metadataField(fields, problems),
    hookUrl: publicUrl(http),
    apiUrl: baseUrl.endsWith('/api/v4') ? baseUrl : `${baseUrl}/api/v4`,
    places: parsePlaces(fields, problems),
    eventFields: parseEvents(fields, problems),
    verifyTls: flagField(fields, 'enableSSLVerification', problems),
    removeAtEnd: flagField(fields, 'deleteHookOnFinish', problems),
  };
}

function parsePlaces(fields: Fields, problems: string[]): readonly string[] {
  const old = textField(fields, 'projectID', problems);
  const projects = [...textsField(fields, 'projects', problems), ...(old === '' ? [] : [old])];
  const groups = textsField(fields, 'groups', problems);
  if (projects.length + groups.length === 0) {
    problems.push('projects or groups is missing; set one');
  }
  return [
    ...projects.map((project) => `/projects/${encodeURIComponent(project)}`),
    ...groups.map((group) => `/groups/${encodeURIComponent(group)}`),
  ];
}

/** `PushEvents` → `push_events`. */
function parseEvents(fields: Fields, problems: string[]): readonly string[] {
  return textsField(fields, 'events', problems).map((event) => {
    if (!/^([A-Z][a-z]+)+Events$/.test(event)) {
      problems.push(`events: ${JSON.stringify(event)} is none of GitLab's, such as PushEvents`);
    }
    const words = event.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();
    // GitLab writes this one as a single word.
    return words.replace('sub_group', 'subgroup');
  });
}
