import { GenericEventingService } from '@argosy/api';
import { ArgosyError, ok, type Result } from '@argosy/base';
import { createRpcClient, type RpcClient, type RpcClientOptions } from '@argosy/rpc';
import { pause } from '@argosy/shell';
import { createClientDriver } from '../client-driver.ts';
import type { Driver, DriverContext, RunningDriver } from '../driver.ts';
import { dataText } from '../http/event-data.ts';
import { secretOf } from '../http/secret-value.ts';
import { keepConnected, type OriginConnection } from '../lasting-connection.ts';
import { messageBody } from '../message-body.ts';
import { refuseMessage, storePatiently } from '../patient-store.ts';
import { tlsOptionsOf } from '../tls-settings.ts';
import { createTrouble, type Trouble } from '../trouble.ts';
import { parseGenericSettings, type GenericSettings } from './settings.ts';

/** How long it may take to connect, milliseconds. */
const CONNECT_MS_MAX = 5_000;
/** A stream that has not failed by then is taken for a good one, milliseconds. */
const REFUSAL_MS_MAX = 500;

type Client = RpcClient<typeof GenericEventingService>;

interface Source {
  readonly settings: GenericSettings;
  readonly context: DriverContext;
  readonly trouble: Trouble;
}

/** What a gRPC server sends that speaks Argo Events' service for event sources of one's own. */
export function createGenericDriver(): Driver {
  return createClientDriver({
    kind: 'generic',
    runsOn: 'OneReplica',
    parse: parseGenericSettings,
    start: startGeneric,
  });
}

function startGeneric(settings: GenericSettings, context: DriverContext): Promise<RunningDriver> {
  const source: Source = { settings, context, trouble: createTrouble(context) };
  return keepConnected({
    name: `the event source server ${settings.url}`,
    trouble: source.trouble,
    open: () => openStream(source),
  });
}

function clientOptions({ settings, context }: Source): RpcClientOptions {
  const { insecure, authSecret } = settings;
  const { ca } = settings.tls === undefined ? {} : tlsOptionsOf(settings.tls, context);
  return {
    ...(insecure ? {} : { tls: ca === undefined ? {} : { rootCertificates: ca } }),
    ...(authSecret === undefined ? {} : { token: secretOf(authSecret, context) }),
  };
}

/** @throws ArgosyError when there is no connection, or the server refuses the stream at once. */
async function openStream(source: Source): Promise<OriginConnection> {
  const { url } = source.settings;
  const client = createRpcClient(GenericEventingService, url, clientOptions(source));
  const closing = new AbortController();
  try {
    await client.connected(CONNECT_MS_MAX);
    const first = Promise.withResolvers<undefined>();
    const scope = { signal: closing.signal, seen: () => first.resolve(undefined) };
    const lost = receive(client, source, scope).catch(
      (error: unknown) => ArgosyError.fromUnknown(error).message,
    );
    // A server that refuses the call does so at once: then this is no connection that was lost.
    const refusal = await Promise.race([lost, first.promise, pause(REFUSAL_MS_MAX)]);
    if (refusal !== undefined) throw new ArgosyError('UNAVAILABLE', refusal);
    return {
      lost,
      async close() {
        closing.abort();
        await lost;
        client.close();
      },
    };
  } catch (error) {
    client.close();
    throw error;
  }
}

/** Stores what comes, one thing after the other, so that the server is held up while the bus is away. */
async function receive(
  client: Client,
  source: Source,
  scope: { readonly signal: AbortSignal; readonly seen: () => void },
): Promise<string> {
  const { settings, context, trouble } = source;
  const { signal } = scope;
  const request = { name: context.eventName, config: new TextEncoder().encode(settings.config) };
  for await (const { payload } of client.startEventSource(request, { signal })) {
    scope.seen();
    const text = genericEventData(payload, settings);
    if (!text.ok) {
      refuseMessage(context, text.error);
      continue;
    }
    const data = new TextEncoder().encode(text.value);
    await storePatiently({ data }, { context, trouble, signal });
    if (signal.aborted) break;
  }
  return 'the server ended the stream';
}

/** The data of an event as JSON text. The error is a sentence. */
export function genericEventData(
  payload: Uint8Array,
  { jsonBody, metadata }: Pick<GenericSettings, 'jsonBody' | 'metadata'>,
): Result<string, string> {
  const body = messageBody(payload, jsonBody);
  return body.ok ? ok(dataText({ body: body.value }, metadata)) : body;
}
