import { ArgosyError } from '@argosy/base';
import type { Driver, DriverContext } from '../driver.ts';
import type { HttpRequest } from '../http/endpoint.ts';
import { objectBody, requestEventData } from '../http/event-data.ts';
import type { HookPlan } from '../http/hooks.ts';
import { secretOf } from '../http/secret-value.ts';
import type { Fields } from '../http/settings.ts';
import { createHttpSourceDriver, refused, type HttpFamily, type Verdict } from '../http/source.ts';
import { createSnsCertificates, type SnsCertificates } from './certificates.ts';
import { createSnsClient, type SnsClient } from './client.ts';
import { isSnsCertificateUrl, snsForgery } from './message.ts';
import { parseSnsSettings, type SnsSettings } from './settings.ts';

/** Notifications of one topic of Amazon SNS, which subscribes this endpoint when it has keys and a url. */
export function createSnsDriver(
  family: HttpFamily,
  certificates: SnsCertificates = createSnsCertificates(),
): Driver {
  return createHttpSourceDriver(
    {
      kind: 'sns',
      parse(fields, http, problems) {
        const settings = parseSnsSettings(fields, http, problems);
        return {
          requiredSecrets: [],
          async judge(request, { context, nowMs }) {
            const json = objectBody(request.body);
            if (!json.ok) return refused(json.error);
            const { text, value } = json.value;
            if (value['TopicArn'] !== settings.topicArn) return refused('the topic is another one');
            if (settings.checksSignature) {
              const forgery = await forgeryOf(value, certificates, nowMs);
              if (forgery !== undefined) return refused(forgery);
            }
            const client = (): SnsClient => clientOf(settings, context, family.clock);
            return verdictOf({ request, text, message: value, settings, client });
          },
          hooks: (context) => subscription(settings, context, family.clock),
        };
      },
    },
    family,
  );
}

async function forgeryOf(
  message: Fields,
  certificates: SnsCertificates,
  nowMs: number,
): Promise<string | undefined> {
  const url = message['SigningCertURL'];
  if (!isSnsCertificateUrl(url)) return 'SigningCertURL is not an address of SNS';
  try {
    return snsForgery(message, await certificates.get(url), nowMs);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `the certificate of the signature cannot be fetched: ${reason}`;
  }
}

async function verdictOf(parts: {
  readonly request: HttpRequest;
  readonly text: string;
  readonly message: Fields;
  readonly settings: SnsSettings;
  readonly client: () => SnsClient;
}): Promise<Verdict> {
  const { request, text, message, settings, client } = parts;
  const { metadata, topicArn } = settings;
  switch (message['Type']) {
    case 'Notification': {
      const id = message['MessageId'];
      const deliveryKey = typeof id === 'string' ? id : undefined;
      const headersName = 'header';
      const data = requestEventData({ request, bodyText: text, metadata, headersName });
      return { kind: 'Events', events: [{ data, deliveryKey }] };
    }
    case 'SubscriptionConfirmation': {
      const token = message['Token'];
      if (typeof token !== 'string' || token === '') return refused('the Token is missing');
      try {
        // SNS is called where it is known to be; an address from a request is never called.
        await client().call('ConfirmSubscription', { TopicArn: topicArn, Token: token });
      } catch (error) {
        return refused(ArgosyError.fromUnknown(error).message, 500);
      }
      return { kind: 'Answer', answer: 'success' };
    }
    case 'UnsubscribeConfirmation':
      return { kind: 'Answer', answer: 'success' };
    default:
      return refused(`the type ${JSON.stringify(message['Type'])} is none of SNS`);
  }
}

function clientOf(settings: SnsSettings, context: DriverContext, clock: () => number): SnsClient {
  const { endpoint, region, keys } = settings;
  return createSnsClient({
    endpoint,
    region,
    clock,
    keys: () =>
      keys && {
        accessKey: secretOf(keys.access, context),
        secretKey: secretOf(keys.secret, context),
      },
  });
}

/** The subscription of this endpoint; SNS gives the same one when it is asked for again. */
function subscription(
  settings: SnsSettings,
  context: DriverContext,
  clock: () => number,
): HookPlan | undefined {
  const { keys, hookUrl, topicArn } = settings;
  if (keys === undefined || hookUrl === undefined) return undefined;
  const client = clientOf(settings, context, clock);
  const subscribe = async (signal: AbortSignal): Promise<string> => {
    const answer = await client.call(
      'Subscribe',
      {
        TopicArn: topicArn,
        Protocol: new URL(hookUrl).protocol.slice(0, -1),
        Endpoint: hookUrl,
        ReturnSubscriptionArn: 'true',
      },
      signal,
    );
    return /<SubscriptionArn>([^<]+)/.exec(answer)?.[1] ?? '';
  };
  let subscriptionArn = '';
  return {
    async ensure(signal) {
      subscriptionArn = await subscribe(signal);
    },
    async remove(signal) {
      if (!subscriptionArn.startsWith('arn:')) return;
      await client.call('Unsubscribe', { SubscriptionArn: subscriptionArn }, signal);
    },
  };
}
