import { ArgosyError, err, type Result } from '@argosy/base';
import { webhookEventData } from '@argosy/core-events';
import type { Driver, DriverContext, DriverHealth, RunningDriver } from '../driver.ts';
import {
  headerValue,
  type BearerToken,
  type HttpEndpoint,
  type HttpRequest,
} from '../http/endpoint.ts';
import type { Endpoints } from '../http/endpoints.ts';
import { groupedHeaders, utf8Text } from '../http/event-data.ts';
import { cloudEventsOf, isCloudEventRequest } from './cloud-events.ts';
import { endpointHead, keepListening } from '../http/listening.ts';
import { storeEvents } from '../http/store.ts';
import { parseWebhookSettings, type WebhookSettings } from './settings.ts';

/** Requests of other programs as events; the answer 200 means that the event is stored. */
export function createWebhookDriver(endpoints: Endpoints): Driver {
  return {
    kind: 'webhook',
    runsOn: 'EveryReplica',
    problems(settings) {
      const parsed = parseWebhookSettings(settings);
      return parsed.kind === 'Valid' ? [] : parsed.problems;
    },
    async start(settings, context) {
      const parsed = parseWebhookSettings(settings);
      if (parsed.kind === 'Invalid') {
        throw new ArgosyError('INVALID_ARGUMENT', parsed.problems.join('; '));
      }
      return startWebhook(parsed.settings, context, endpoints);
    },
  };
}

async function startWebhook(
  settings: WebhookSettings,
  context: DriverContext,
  endpoints: Endpoints,
): Promise<RunningDriver> {
  const endpoint: HttpEndpoint = {
    ...endpointHead(settings, context),
    async handle(request) {
      if (settings.cloudEvents === 'Keep' && isCloudEventRequest(request)) {
        const events = await cloudEventsOf(request);
        if (events.ok) return storeEvents(events.value, request, context);
        context.refused();
        return { status: 400, body: events.error };
      }
      const data = eventData(request, settings);
      if (!data.ok) {
        context.refused();
        return { status: 400, body: data.error };
      }
      // A sender that repeats a request after a lost answer marks it with this header.
      const deliveryKey = headerValue(request.headers, 'idempotency-key');
      return storeEvents([{ data: data.value, deliveryKey }], request, context);
    },
  };
  const listening = await keepListening(endpoint, endpoints, context);
  return {
    health: () => healthOf(listening.trouble(), endpoint.token(), settings),
    stop: () => listening.stop(),
  };
}

function healthOf(
  trouble: string | undefined,
  token: BearerToken,
  settings: WebhookSettings,
): DriverHealth {
  if (trouble !== undefined) return { kind: 'Failing', reason: trouble };
  if (token.kind !== 'Missing') return { kind: 'Healthy' };
  const { name, key } = settings.authSecret ?? { name: '', key: '' };
  const reason = `the secret ${name} has no key ${key}; requests are refused until it is applied`;
  return { kind: 'Failing', reason };
}

function eventData(request: HttpRequest, settings: WebhookSettings): Result<string, string> {
  const bodyText = utf8Text(request.body);
  if (bodyText === undefined) return err('the body is not UTF-8 text');
  const { method, query } = request;
  const { metadata } = settings;
  return webhookEventData({
    method,
    query,
    headers: groupedHeaders(request.headers),
    bodyText,
    ...(metadata === undefined ? {} : { metadata }),
  });
}
