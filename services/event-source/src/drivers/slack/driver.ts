import type { Driver } from '../driver.ts';
import { headerValue } from '../http/endpoint.ts';
import { selectorField } from '../http/settings.ts';
import { equalInConstantTime } from '../http/signature.ts';
import { createHttpSourceDriver, refused, type HttpFamily } from '../http/source.ts';
import { slackForgery, slackMessage } from './message.ts';

/** Events, interactions and slash commands of Slack; all of them are signed. */
export function createSlackDriver(family: HttpFamily): Driver {
  return createHttpSourceDriver(
    {
      kind: 'slack',
      parse(fields, _http, problems) {
        const token = selectorField(fields, 'token', problems);
        const signingSecret = selectorField(fields, 'signingSecret', problems);
        if (token === undefined) problems.push('token is missing; name the verification token');
        if (signingSecret === undefined) problems.push('signingSecret is missing');
        const requiredSecrets = [signingSecret, token].filter((item) => item !== undefined);
        return {
          requiredSecrets,
          judge(request, { secrets: [secret = '', verificationToken = ''], nowMs }) {
            const forgery = slackForgery(request, secret, nowMs);
            if (forgery !== undefined) return refused(forgery, 401);
            const message = slackMessage(request);
            // The status is Argo Events'; Slack tries again what is answered so.
            if (!message.ok) return refused(message.error, 500);
            const { value } = message;
            const isOurs =
              value.kind === 'Command' ||
              equalInConstantTime(String(value.token), verificationToken);
            if (!isOurs) return refused('the verification token is wrong', 500);
            if (value.kind === 'Challenge') return { kind: 'Answer', answer: value.challenge };
            // The signature covers time and body: the same one is the same request once more.
            const signature = headerValue(request.headers, 'x-slack-signature');
            const eventId = value.kind === 'Event' ? value.deliveryKey : undefined;
            const deliveryKey = eventId ?? signature;
            return { kind: 'Events', events: [{ data: value.data, deliveryKey }] };
          },
        };
      },
    },
    family,
  );
}
