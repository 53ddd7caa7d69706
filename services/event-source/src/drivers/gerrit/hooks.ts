import type { DriverContext } from '../driver.ts';
import type { HookPlan } from '../http/hooks.ts';
import { createProviderClient, ifPresent } from '../http/provider-client.ts';
import { secretOf } from '../http/secret-value.ts';
import type { GerritSettings } from './settings.ts';

/**
 * The remotes that Gerrit's webhooks plugin is to have, or undefined when the user sets them up. A remote is
 * put under its name, so that several replicas put the same one.
 */
export function gerritHooks(
  settings: GerritSettings,
  context: DriverContext,
): HookPlan | undefined {
  const { login, hookUrl: url, hookName } = settings;
  if (login === undefined || url === undefined) return undefined;
  const client = createProviderClient({
    name: 'Gerrit',
    baseUrl: settings.apiUrl,
    async headers() {
      const pair = `${secretOf(login.user, context)}:${secretOf(login.password, context)}`;
      return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
    },
  });
  const paths = settings.projects.map((project) => {
    const name = encodeURIComponent(project);
    return `/a/config/server/webhooks~projects/${name}/remotes/${encodeURIComponent(hookName)}`;
  });
  const body = { url, events: settings.events, sslVerify: settings.verifyTls };
  return {
    async ensure(signal) {
      for (const path of paths) await client.call('PUT', path, { signal, body });
    },
    ...(settings.removeAtEnd && {
      async remove(signal: AbortSignal) {
        for (const path of paths) await ifPresent(() => client.call('DELETE', path, { signal }));
      },
    }),
  };
}
