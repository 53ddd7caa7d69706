import type { Driver } from '../driver.ts';
import { headerValue } from '../http/endpoint.ts';
import { jsonBody, requestEventData } from '../http/event-data.ts';
import { equalInConstantTime } from '../http/signature.ts';
import { createHttpSourceDriver, refused, type HttpFamily } from '../http/source.ts';
import { gitlabHooks } from './hooks.ts';
import { parseGitlabSettings } from './settings.ts';

/**
 * Webhooks of GitLab. `secretToken` is asked for whenever it is set, whoever made the hook; Argo Events does
 * so only when it made the hook itself.
 */
export function createGitlabDriver(family: HttpFamily): Driver {
  return createHttpSourceDriver(
    {
      kind: 'gitlab',
      parse(fields, http, problems) {
        const settings = parseGitlabSettings(fields, http, problems);
        const { secretToken, metadata } = settings;
        return {
          requiredSecrets: secretToken === undefined ? [] : [secretToken],
          judge(request, { secrets: [secret] }) {
            const given = headerValue(request.headers, 'x-gitlab-token') ?? '';
            if (secret !== undefined && !equalInConstantTime(given, secret)) {
              return refused('token mismatch');
            }
            const json = jsonBody(request.body);
            if (!json.ok) return refused(json.error);
            const data = requestEventData({ request, bodyText: json.value.text, metadata });
            // GitLab sends the same key when it tries a delivery again.
            const deliveryKey = headerValue(request.headers, 'idempotency-key');
            return { kind: 'Events', events: [{ data, deliveryKey }] };
          },
          hooks: (context) => gitlabHooks(settings, context),
        };
      },
    },
    family,
  );
}
