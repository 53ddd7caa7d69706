import type { DriverContext, SecretSelector } from '../driver.ts';
import { hookPlan, type HookPlan } from '../http/hooks.ts';
import { createProviderClient, idText, ifPresent } from '../http/provider-client.ts';
import { secretOf } from '../http/secret-value.ts';
import { isFields } from '../http/settings.ts';

/** The webhook endpoint that Stripe is to have. It stays when the event ends, as with Argo Events. */
export function stripeHooks(
  settings: {
    readonly url: string;
    readonly apiUrl: string;
    readonly apiKey: SecretSelector;
    readonly events: readonly string[];
  },
  context: DriverContext,
): HookPlan {
  const { url, apiUrl, apiKey, events } = settings;
  const path = '/v1/webhook_endpoints';
  const client = createProviderClient({
    name: 'Stripe',
    baseUrl: apiUrl,
    headers: async () => ({ authorization: `Bearer ${secretOf(apiKey, context)}` }),
  });
  const form = (): URLSearchParams => {
    const fields = new URLSearchParams({ url });
    for (const event of events.length > 0 ? events : ['*'])
      fields.append('enabled_events[]', event);
    return fields;
  };
  return hookPlan({
    url,
    removeAtEnd: false,
    places: async () => [
      {
        async list(signal) {
          // Stripe allows 16 endpoints, so one page has them all.
          const answer = await client.call('GET', `${path}?limit=100`, { signal });
          const hooks = isFields(answer) && Array.isArray(answer['data']) ? answer['data'] : [];
          return hooks
            .filter(isFields)
            .map((hook) => ({ id: idText(hook['id']), url: String(hook['url']) }));
        },
        async create(signal) {
          const hook = await client.call('POST', path, { signal, form: form() });
          return { id: idText(isFields(hook) ? hook['id'] : ''), url };
        },
        async update(id, signal) {
          await client.call('POST', `${path}/${id}`, { signal, form: form() });
        },
        remove: (id, signal) => ifPresent(() => client.call('DELETE', `${path}/${id}`, { signal })),
      },
    ],
  });
}
