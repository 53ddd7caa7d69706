import type { DriverContext } from '../driver.ts';
import { hookPlan, type HookPlace, type HookPlan } from '../http/hooks.ts';
import {
  allPages,
  createProviderClient,
  idText,
  ifPresent,
  PAGE_LENGTH,
  type ProviderClient,
} from '../http/provider-client.ts';
import { secretOf } from '../http/secret-value.ts';
import { isFields } from '../http/settings.ts';
import type { GitlabSettings } from './settings.ts';

/** The webhooks that GitLab is to have, or undefined when the user sets them up. */
export function gitlabHooks(
  settings: GitlabSettings,
  context: DriverContext,
): HookPlan | undefined {
  const { accessToken, hookUrl: url } = settings;
  if (accessToken === undefined || url === undefined) return undefined;
  const client = createProviderClient({
    name: 'GitLab',
    baseUrl: settings.apiUrl,
    headers: async () => ({ 'private-token': secretOf(accessToken, context) }),
  });
  const wanted = (): object => ({
    url,
    // GitLab takes pushes when nothing is said.
    push_events: false,
    ...Object.fromEntries(settings.eventFields.map((field) => [field, true])),
    enable_ssl_verification: settings.verifyTls,
    ...(settings.secretToken && { token: secretOf(settings.secretToken, context) }),
  });
  const places = settings.places.map((path) => place(path, url, wanted, client));
  return hookPlan({ url, places: async () => places, removeAtEnd: settings.removeAtEnd });
}

function place(path: string, url: string, wanted: () => object, client: ProviderClient): HookPlace {
  return {
    async list(signal) {
      const hooks = await allPages((page) =>
        client.call('GET', `${path}/hooks?per_page=${PAGE_LENGTH}&page=${page}`, { signal }),
      );
      return hooks.map((hook) => ({ id: idText(hook['id']), url: String(hook['url']) }));
    },
    async create(signal) {
      const hook = await client.call('POST', `${path}/hooks`, { signal, body: wanted() });
      return { id: idText(isFields(hook) ? hook['id'] : ''), url };
    },
    async update(id, signal) {
      await client.call('PUT', `${path}/hooks/${id}`, { signal, body: wanted() });
    },
    remove: (id, signal) =>
      ifPresent(() => client.call('DELETE', `${path}/hooks/${id}`, { signal })),
  };
}
