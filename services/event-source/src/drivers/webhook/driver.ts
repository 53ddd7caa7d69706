import { createHash } from 'node:crypto';
import { ArgosyError, err, type Result } from '@argosy/base';
import { webhookEventData } from '@argosy/core-events';
import { pause } from '@argosy/shell';
import { traceFields } from '@argosy/telemetry';
import type { Driver, DriverContext, DriverHealth, RunningDriver } from '../driver.ts';
import {
  headerValue,
  type BearerToken,
  type HttpAnswer,
  type HttpEndpoint,
  type HttpRequest,
} from '../http/endpoint.ts';
import type { Endpoints } from '../http/endpoints.ts';
import { parseWebhookSettings, type WebhookSettings } from './settings.ts';

/** How long the bus may take to store an event before the sender is told that it failed. */
const STORE_TIMEOUT_MS = 10_000;
/** They belong to the connection and not to the message; Go's server takes them out too. */
const CONNECTION_HEADERS = new Set(['host', 'transfer-encoding']);
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
  const data = eventData(request, settings);
  if (!data.ok) {
    context.refused();
    return { status: 400, body: data.error };
  }
  const id = deliveryId(request, context);
  const traceparent = headerValue(request.headers, 'traceparent');
  try {
    await context.emit(
      {
        data: new TextEncoder().encode(data.value),
        ...(id === undefined ? {} : { id }),
        ...(traceparent === undefined ? {} : { traceparent }),
      },
      AbortSignal.timeout(STORE_TIMEOUT_MS),
    );
    return { status: 200, body: 'success' };
  } catch (error) {
    const { code, message } = ArgosyError.fromUnknown(error);
    const fields = { code, reason: message, ...traceFields(traceparent) };
    context.logger.warn(fields, 'a webhook event was not stored');
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

function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** All values of a header under one name, however it was spelt each time. */
function groupedHeaders(headers: HttpRequest['headers']): Readonly<Record<string, string[]>> {
  const groups = new Map<string, string[]>();
  for (const [spelling, value] of headers) {
    const name = spelling.toLowerCase();
    if (CONNECTION_HEADERS.has(name)) continue;
    groups.set(name, [...(groups.get(name) ?? []), value]);
  }
  return Object.fromEntries(groups);
}
