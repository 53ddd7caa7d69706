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
import { isFields } from '../http/settings.ts';
import type { ProviderHook } from '../http/hooks.ts';
import type { BitbucketLogin, BitbucketSettings } from './settings.ts';

/** The webhooks that Bitbucket is to have, or undefined when the user sets them up. */
export function bitbucketHooks(
  settings: BitbucketSettings,
  context: DriverContext,
): HookPlan | undefined {
  const { login, hookUrl: url } = settings;
  if (login === undefined || url === undefined) return undefined;
  const client = createProviderClient({
    name: 'Bitbucket',
    baseUrl: settings.apiUrl,
    headers: async () => ({ authorization: authorization(login, context) }),
  });
  const wanted = (): object => ({
    description: 'argosy',
    url,
    active: true,
    events: settings.events,
    ...(settings.webhookSecret && { secret: secretOf(settings.webhookSecret, context) }),
  });
  const places = settings.places.map((path) => place(`${path}/hooks`, url, wanted, client));
  return hookPlan({ url, places: async () => places, removeAtEnd: settings.removeAtEnd });
}

/** The value of the header that logs in. */
function authorization(login: BitbucketLogin, context: DriverContext): string {
  if (login.kind === 'Token') return `Bearer ${secretOf(login.token, context)}`;
  const pair = `${secretOf(login.user, context)}:${secretOf(login.password, context)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function place(path: string, url: string, wanted: () => object, client: ProviderClient): HookPlace {
  // Ids are in braces.
  const hookPath = (id: string): string => `${path}/${encodeURIComponent(id)}`;
  return {
    list: (signal) => allHooks(client, path, signal),
    async create(signal) {
      const hook = await client.call('POST', path, { signal, body: wanted() });
      return { id: idText(isFields(hook) ? hook['uuid'] : ''), url };
    },
    async update(id, signal) {
      await client.call('PUT', hookPath(id), { signal, body: wanted() });
    },
    remove: (id, signal) => ifPresent(() => client.call('DELETE', hookPath(id), { signal })),
  };
}

async function allHooks(
  client: ProviderClient,
  path: string,
  signal: AbortSignal,
): Promise<readonly ProviderHook[]> {
  const hooks: ProviderHook[] = [];
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const query = `?pagelen=${PAGE_LENGTH}&page=${page}`;
    const answer = await client.call('GET', `${path}${query}`, { signal });
    if (!isFields(answer) || !Array.isArray(answer['values'])) break;
    const found = answer['values'].filter(isFields);
    hooks.push(...found.map((hook) => ({ id: idText(hook['uuid']), url: String(hook['url']) })));
    if (answer['next'] === undefined) break;
  }
  return hooks;
}
