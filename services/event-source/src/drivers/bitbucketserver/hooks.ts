import type { DriverContext } from '../driver.ts';
import { hookPlan, type HookPlace, type HookPlan } from '../http/hooks.ts';
import {
  createProviderClient,
  idText,
  ifPresent,
  PAGE_LENGTH,
  PAGES_MAX,
  type ProviderClient,
} from '../http/provider-client.ts';
import { secretOf } from '../http/secret-value.ts';
import { isFields, type Fields } from '../http/settings.ts';
import type { BitbucketServerRepository, BitbucketServerSettings } from './settings.ts';

/** The name under which the hook is shown. */
const HOOK_NAME = 'argosy';

/** A client of the server's API, or undefined without a token. */
export function bitbucketServerClient(
  settings: BitbucketServerSettings,
  context: DriverContext,
): ProviderClient | undefined {
  const { accessToken } = settings;
  if (accessToken === undefined) return undefined;
  return createProviderClient({
    name: 'Bitbucket',
    baseUrl: settings.apiUrl,
    headers: async () => ({ authorization: `Bearer ${secretOf(accessToken, context)}` }),
  });
}

/** The webhooks that the server is to have, or undefined when the user sets them up. */
export function bitbucketServerHooks(
  settings: BitbucketServerSettings,
  context: DriverContext,
): HookPlan | undefined {
  const { hookUrl: url, repositories, projects } = settings;
  const client = bitbucketServerClient(settings, context);
  if (client === undefined || url === undefined) return undefined;
  if (repositories.length + projects.length === 0) return undefined;
  const wanted = (): object => ({
    name: HOOK_NAME,
    url,
    active: true,
    events: settings.events,
    configuration: settings.webhookSecret && { secret: secretOf(settings.webhookSecret, context) },
  });
  return hookPlan({
    url,
    removeAtEnd: settings.removeAtEnd,
    checkEveryMs: settings.checkEveryMs,
    async places(signal) {
      const found = [...repositories];
      for (const project of projects) {
        const path = `/api/1.0/projects/${encodeURIComponent(project)}/repos`;
        const items = await allOf(client, path, signal);
        found.push(...items.map((item) => ({ projectKey: project, slug: idText(item['slug']) })));
      }
      return found.map((repository) => place(repository, url, wanted, client));
    },
  });
}

/** The API path of a repository. */
export function repositoryPath({ projectKey, slug }: BitbucketServerRepository): string {
  return `/api/1.0/projects/${encodeURIComponent(projectKey)}/repos/${encodeURIComponent(slug)}`;
}

function place(
  repository: BitbucketServerRepository,
  url: string,
  wanted: () => object,
  client: ProviderClient,
): HookPlace {
  const path = `${repositoryPath(repository)}/webhooks`;
  return {
    async list(signal) {
      const hooks = await allOf(client, path, signal);
      return hooks.map((hook) => ({ id: idText(hook['id']), url: String(hook['url']) }));
    },
    async create(signal) {
      const hook = await client.call('POST', path, { signal, body: wanted() });
      return { id: idText(isFields(hook) ? hook['id'] : ''), url };
    },
    async update(id, signal) {
      await client.call('PUT', `${path}/${id}`, { signal, body: wanted() });
    },
    remove: (id, signal) => ifPresent(() => client.call('DELETE', `${path}/${id}`, { signal })),
  };
}

/** All items of a list that comes in pages with the start of the next one in each. */
async function allOf(
  client: ProviderClient,
  path: string,
  signal: AbortSignal,
): Promise<readonly Fields[]> {
  const items: Fields[] = [];
  let start = 0;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const query = `?limit=${PAGE_LENGTH}&start=${start}`;
    const answer = await client.call('GET', `${path}${query}`, { signal });
    if (!isFields(answer) || !Array.isArray(answer['values'])) break;
    items.push(...answer['values'].filter(isFields));
    const next = answer['nextPageStart'];
    if (answer['isLastPage'] !== false || typeof next !== 'number' || next <= start) break;
    start = next;
  }
  return items;
}
