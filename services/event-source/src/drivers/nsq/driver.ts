import { ArgosyError, ok, type Result } from '@argosy/base';
import { pause } from '@argosy/shell';
import { createClientDriver } from '../client-driver.ts';
import type { Driver, DriverContext, EventToEmit, RunningDriver } from '../driver.ts';
import { dataText } from '../http/event-data.ts';
import { keepConnected } from '../lasting-connection.ts';
import { messageBody } from '../message-body.ts';
import { refuseMessage, storePatiently } from '../patient-store.ts';
import { stableId } from '../stable-id.ts';
import { tlsOptionsOf } from '../tls-settings.ts';
import { createTrouble, type Trouble } from '../trouble.ts';
import type { NsqMessage } from './frames.ts';
import { openNsqd, type NsqVerdict } from './nsqd.ts';
import { parseNsqSettings, type NsqSettings } from './settings.ts';

/** How often nsqlookupd is asked who has the topic; sooner after trouble. */
const LOOKUP_INTERVAL_MS = 15_000;
const LOOKUP_RETRY_MS = 1_000;
const LOOKUP_TIMEOUT_MS = 5_000;

/**
 * The messages of a topic of NSQ, from all servers that have it: each is finished after its event is stored,
 * and its id makes the event's id, so that one that comes again is stored once.
 */
export function createNsqDriver(): Driver {
  return createClientDriver({
    kind: 'nsq',
    runsOn: 'OneReplica',
    parse: parseNsqSettings,
    start: startNsq,
  });
}

interface Scope {
  readonly settings: NsqSettings;
  readonly context: DriverContext;
  readonly trouble: Trouble;
}

async function startNsq(settings: NsqSettings, context: DriverContext): Promise<RunningDriver> {
  const trouble = createTrouble(context);
  const scope = { settings, context, trouble };
  const servers = new Map<string, RunningDriver>();
  const stopping = new AbortController();
  const { signal } = stopping;

  /** Follows the servers that have the topic now. @returns how long to wait until the next look. */
  async function look(): Promise<number> {
    try {
      const found = await lookUp(settings, signal);
      for (const address of found) {
        if (!servers.has(address)) servers.set(address, await followServer(address, scope));
      }
      for (const [address, server] of servers) {
        if (found.includes(address)) continue;
        servers.delete(address);
        await server.stop();
        trouble.tell(address, undefined);
      }
      trouble.tell('lookup', found.length > 0 ? undefined : `no server has ${settings.topic} yet`);
      return found.length > 0 ? LOOKUP_INTERVAL_MS : LOOKUP_RETRY_MS;
    } catch (error) {
      if (signal.aborted) return 0;
      const { message } = ArgosyError.fromUnknown(error);
      trouble.tell('lookup', `cannot ask nsqlookupd ${settings.hostAddress}: ${message}`);
      return LOOKUP_RETRY_MS;
    }
  }
  async function run(firstWaitMs: number): Promise<void> {
    for (let waitMs = firstWaitMs; !signal.aborted; waitMs = await look()) {
      await pause(waitMs, signal);
      if (signal.aborted) return;
    }
  }
  const running = run(await look());
  return {
    health: () => trouble.health(),
    async stop() {
      stopping.abort();
      await running;
      await Promise.all(Array.from(servers.values(), (server) => server.stop()));
    },
  };
}

/** The addresses of the servers that have the topic. */
async function lookUp(settings: NsqSettings, signal: AbortSignal): Promise<readonly string[]> {
  const url = `http://${settings.hostAddress}/lookup?topic=${encodeURIComponent(settings.topic)}`;
  const response = await fetch(url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(LOOKUP_TIMEOUT_MS)]),
  });
  if (response.status === 404) return [];
  if (!response.ok) throw new ArgosyError('UNAVAILABLE', `it answers ${response.status}`);
  const answer = (await response.json()) as LookupAnswer & { readonly data?: LookupAnswer };
  const producers = (answer.data ?? answer).producers ?? [];
  return producers.map(({ broadcast_address: host, tcp_port: port }) => `${host}:${port}`);
}

interface LookupAnswer {
  readonly producers?: readonly {
    readonly broadcast_address: string;
    readonly tcp_port: number;
  }[];
}

function followServer(address: string, scope: Scope): Promise<RunningDriver> {
  const { settings, context, trouble } = scope;
  const at = address.lastIndexOf(':');
  return keepConnected({
    name: `nsqd ${address}`,
    waits: settings.waits,
    trouble: { ...trouble, tell: (_topic, reason) => trouble.tell(address, reason) },
    open: (signal) =>
      openNsqd(
        {
          host: address.slice(0, at),
          port: Number(address.slice(at + 1)),
          topic: settings.topic,
          channel: settings.channel,
          clientId: `argosy-${context.namespace}-${context.eventSource}-${context.eventName}`,
          tls: settings.tls && tlsOptionsOf(settings.tls, context),
          take: (message, closing) => take(message, { ...scope, address, signal: closing }),
        },
        signal,
      ),
  });
}

async function take(
  message: NsqMessage,
  scope: Scope & { readonly address: string; readonly signal: AbortSignal },
): Promise<NsqVerdict> {
  const event = eventOf(message, scope);
  if (!event.ok) {
    refuseMessage(scope.context, event.error);
    return 'Finish';
  }
  const outcome = await storePatiently(event.value, scope);
  return outcome.kind === 'Stopped' ? 'Requeue' : 'Finish';
}

function eventOf(
  message: NsqMessage,
  scope: Scope & { readonly address: string },
): Result<EventToEmit, string> {
  const { settings, context, address } = scope;
  const body = messageBody(message.body, settings.isJson);
  if (!body.ok) return body;
  const timestamp = String(message.timestampNs);
  const parts = {
    body: body.value,
    timestamp: JSON.stringify(timestamp),
    nsqdAddress: JSON.stringify(address),
  };
  return ok({
    id: stableId(context, settings.topic, message.id, timestamp),
    data: new TextEncoder().encode(dataText(parts, settings.metadata)),
  });
}
