import { createHash } from 'node:crypto';
import { ArgosyError } from '@argosy/base';
import { pause } from '@argosy/shell';
import type { Driver, DriverContext, DriverHealth, RunningDriver } from '../driver.ts';
import {
  headerValue,
  type BearerToken,
  type HttpAnswer,
  type HttpEndpoint,
  type HttpRequest,
} from '../http/endpoint.ts';
import type { Endpoints } from '../http/endpoints.ts';
import { webhookEventData } from './event-data.ts';
import { parseWebhookSettings, type WebhookSettings } from './settings.ts';

/** How long the bus may take to store an event before the sender is told that it failed. */
const STORE_TIMEOUT_MS = 10_000;
/** How often a port that cannot be opened is tried again. */
const LISTEN_RETRY_MS = 5_000;

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
  const stopping = new AbortController();
  const endpoint = endpointOf(settings, context);
  let trouble: string | undefined;

  async function listen(): Promise<boolean> {
    try {
      await endpoints.add(endpoint);
      trouble = undefined;
      return true;
    } catch (error) {
      trouble = ArgosyError.fromUnknown(error).message;
      return false;
    }
  }
  async function listenAtLast(): Promise<void> {
    while (!stopping.signal.aborted) {
      await pause(LISTEN_RETRY_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      if (await listen()) return context.healthChanged();
    }
  }

  endpoints.announce(endpoint);
  const listening = (await listen()) ? Promise.resolve() : listenAtLast();
  return {
    health: () => healthOf(trouble, endpoint.token(), settings),
    async stop() {
      stopping.abort();
      endpoints.withdraw(endpoint);
      await listening;
      await endpoints.remove(endpoint);
    },
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

function endpointOf(settings: WebhookSettings, context: DriverContext): HttpEndpoint {
  const { namespace, eventSource, eventName } = context;
  const { authSecret } = settings;
  return {
    owner: { namespace, eventSource, eventName },
    port: settings.port,
    path: settings.endpoint,
    method: settings.method,
    payloadBytesMax: settings.payloadBytesMax,
    token() {
      if (authSecret === undefined) return { kind: 'NotRequired' };
      const value = context.secret(authSecret);
      return value === undefined ? { kind: 'Missing' } : { kind: 'Required', value };
    },
    handle: (request) => storeRequest(request, settings, context),
  };
}

async function storeRequest(
  request: HttpRequest,
  settings: WebhookSettings,
  context: DriverContext,
): Promise<HttpAnswer> {
  const data = webhookEventData(request, settings.metadata);
  if (data.kind === 'Refused') return { status: 400, body: data.reason };
  const id = deliveryId(request, context);
  const traceparent = headerValue(request.headers, 'traceparent');
  try {
    await context.emit(
      {
        data: new TextEncoder().encode(data.text),
        ...(id === undefined ? {} : { id }),
        ...(traceparent === undefined ? {} : { traceparent }),
      },
      AbortSignal.timeout(STORE_TIMEOUT_MS),
    );
    return { status: 200, body: 'success' };
  } catch (error) {
    const { code, message } = ArgosyError.fromUnknown(error);
    context.logger.warn({ code, reason: message }, 'a webhook event was not stored');
    return { status: 500, body: 'failed to record event' };
  }
}

/**
 * A sender that repeats a request after a lost answer marks it with the header `Idempotency-Key`; the same
 * key then gives the same event id, and the bus stores it once. Without the header each request is new.
 */
function deliveryId(request: HttpRequest, context: DriverContext): string | undefined {
  const key = headerValue(request.headers, 'idempotency-key');
  if (key === undefined || key === '') return undefined;
  const parts = [context.namespace, context.eventSource, context.eventName, key];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
