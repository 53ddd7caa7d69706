import type { Driver } from '../driver.ts';
import { headerValue } from '../http/endpoint.ts';
import { requestEventData } from '../http/event-data.ts';
import { createHttpSourceDriver, refused, type HttpFamily } from '../http/source.ts';
import { githubHooks } from './hooks.ts';
import { githubPayload, isSignedByGithub } from './payload.ts';
import { parseGithubSettings } from './settings.ts';

/** Webhooks of GitHub, which it signs when `webhookSecret` is set. */
export function createGithubDriver(family: HttpFamily): Driver {
  return createHttpSourceDriver(
    {
      kind: 'github',
      parse(fields, http, problems) {
        const settings = parseGithubSettings(fields, http, problems);
        const { webhookSecret, metadata } = settings;
        return {
          requiredSecrets: webhookSecret === undefined ? [] : [webhookSecret],
          judge(request, { secrets: [secret] }) {
            if (secret !== undefined && !isSignedByGithub(request, secret)) {
              return refused('the signature is missing or wrong');
            }
            const payload = githubPayload(request);
            if (!payload.ok) return refused(payload.error);
            const data = requestEventData({ request, bodyText: payload.value, metadata });
            const deliveryKey = headerValue(request.headers, 'x-github-delivery');
            return { kind: 'Events', events: [{ data, deliveryKey }] };
          },
          hooks: (context) => githubHooks(settings, context, family.clock),
        };
      },
    },
    family,
  );
}
