import { ArgosyError } from '@argosy/base';
import { pause } from '@argosy/shell';
import type { DriverContext } from '../driver.ts';
import type { BearerToken, HttpEndpoint } from './endpoint.ts';
import type { Endpoints } from './endpoints.ts';
import type { HttpSettings } from './settings.ts';

/** How often a port that cannot be opened is tried again. */
const LISTEN_RETRY_MS = 5_000;

/** An endpoint that is kept reachable, by its port and through the gateway. */
export interface Listening {
  /** Why the port is not open, or why requests are refused for want of a secret. */
  trouble(): string | undefined;
  stop(): Promise<void>;
}

/** Everything of an endpoint but what it does with requests. */
export function endpointHead(
  http: HttpSettings,
  context: DriverContext,
): Omit<HttpEndpoint, 'handle'> {
  const { namespace, eventSource, eventName } = context;
  const { authSecret } = http;
  return {
    owner: { namespace, eventSource, eventName },
    port: http.port,
    path: http.endpoint,
    method: http.method,
    payloadBytesMax: http.payloadBytesMax,
    token(): BearerToken {
      if (authSecret === undefined) return { kind: 'NotRequired' };
      const value = context.secret(authSecret);
      return value === undefined ? { kind: 'Missing' } : { kind: 'Required', value };
    },
  };
}

/** Listens at once, or again and again until the port is free. */
export async function keepListening(
  endpoint: HttpEndpoint,
  endpoints: Endpoints,
  context: DriverContext,
): Promise<Listening> {
  const stopping = new AbortController();
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
    trouble: () => trouble,
    async stop() {
      stopping.abort();
      endpoints.withdraw(endpoint);
      await listening;
      await endpoints.remove(endpoint);
    },
  };
}
