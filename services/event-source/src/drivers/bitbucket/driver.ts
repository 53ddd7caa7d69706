import type { Driver } from '../driver.ts';
import { headerValue } from '../http/endpoint.ts';
import { jsonBody, requestEventData } from '../http/event-data.ts';
import { isSignedBody } from '../http/signature.ts';
import { createHttpSourceDriver, refused, type HttpFamily } from '../http/source.ts';
import { bitbucketHooks } from './hooks.ts';
import { parseBitbucketSettings } from './settings.ts';

/** Webhooks of Bitbucket Cloud, which it signs when `webhookSecret` is set. */
export function createBitbucketDriver(family: HttpFamily): Driver {
  return createHttpSourceDriver(
    {
      kind: 'bitbucket',
      parse(fields, http, problems) {
        const settings = parseBitbucketSettings(fields, http, problems);
        const { webhookSecret, metadata } = settings;
        return {
          requiredSecrets: webhookSecret === undefined ? [] : [webhookSecret],
          judge(request, { secrets: [secret] }) {
            const signature = headerValue(request.headers, 'x-hub-signature');
            const { body } = request;
            if (secret !== undefined && !isSignedBody(signature, ['sha256'], { secret, body })) {
              return refused('the signature is missing or wrong');
            }
            const json = jsonBody(body);
            if (!json.ok) return refused(json.error);
            const data = requestEventData({ request, bodyText: json.value.text, metadata });
            const deliveryKey = headerValue(request.headers, 'x-request-uuid');
            return { kind: 'Events', events: [{ data, deliveryKey }] };
          },
          hooks: (context) => bitbucketHooks(settings, context),
        };
      },
    },
    family,
  );
}
