import type { Driver } from '../driver.ts';
import { headerValue } from '../http/endpoint.ts';
import { dataText, objectBody } from '../http/event-data.ts';
import {
  baseUrlField,
  flagField,
  metadataField,
  publicUrl,
  selectorField,
  textsField,
} from '../http/settings.ts';
import { createHttpSourceDriver, refused, type HttpFamily } from '../http/source.ts';
import { stripeHooks } from './hooks.ts';
import { stripeForgery } from './signature.ts';

/** Events of Stripe. `signingSecret` is a field of Argosy's own: Argo Events checks no signature here. */
export function createStripeDriver(family: HttpFamily): Driver {
  return createHttpSourceDriver(
    {
      kind: 'stripe',
      parse(fields, http, problems) {
        const signingSecret = selectorField(fields, 'signingSecret', problems);
        const apiKey = selectorField(fields, 'apiKey', problems);
        const events = textsField(fields, 'eventFilter', problems);
        const metadata = metadataField(fields, problems);
        const apiUrl = baseUrlField(fields, 'stripeBaseURL', problems, 'https://api.stripe.com');
        const url = publicUrl(http);
        const creates = flagField(fields, 'createWebhook', problems);
        if (creates && (apiKey === undefined || url === undefined)) {
          problems.push('createWebhook needs apiKey and webhook.url');
        }
        return {
          requiredSecrets: signingSecret === undefined ? [] : [signingSecret],
          judge(request, { secrets: [secret], nowMs }) {
            const header = headerValue(request.headers, 'stripe-signature');
            const forgery =
              secret !== undefined && stripeForgery(header, request.body, { secret, nowMs });
            if (typeof forgery === 'string') return refused(forgery);
            const json = objectBody(request.body);
            if (!json.ok) return refused(json.error);
            const { text, value } = json.value;
            const { type, id } = value;
            if (events.length > 0 && !events.includes(String(type))) {
              return refused('invalid event');
            }
            const deliveryKey = typeof id === 'string' ? id : undefined;
            const data = dataText({ event: text }, metadata);
            return { kind: 'Events', events: [{ data, deliveryKey }] };
          },
          hooks(context) {
            if (!creates || apiKey === undefined || url === undefined) return undefined;
            return stripeHooks({ url, apiUrl, apiKey, events }, context);
          },
        };
      },
    },
    family,
  );
}
