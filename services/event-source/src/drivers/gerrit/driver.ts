import type { Driver } from '../driver.ts';
import { jsonBody, requestEventData } from '../http/event-data.ts';
import { createHttpSourceDriver, refused, type HttpFamily } from '../http/source.ts';
import { gerritHooks } from './hooks.ts';
import { parseGerritSettings } from './settings.ts';

/** Webhooks of Gerrit's plugin. It signs nothing: `webhook.authSecret` behind a proxy is the way to check. */
export function createGerritDriver(family: HttpFamily): Driver {
  return createHttpSourceDriver(
    {
      kind: 'gerrit',
      parse(fields, http, problems) {
        const settings = parseGerritSettings(fields, http, problems);
        const { metadata } = settings;
        return {
          requiredSecrets: [],
          judge(request) {
            const json = jsonBody(request.body);
            if (!json.ok) return refused(json.error);
            const data = requestEventData({ request, bodyText: json.value.text, metadata });
            return { kind: 'Events', events: [{ data }] };
          },
          hooks: (context) => gerritHooks(settings, context),
        };
      },
    },
    family,
  );
}
