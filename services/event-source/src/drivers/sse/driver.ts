import { ArgosyError, ok, type Result } from '@argosy/base';
import type { EventSourceMessage } from 'eventsource-parser';
import { createClientDriver } from '../client-driver.ts';
import type { Driver, DriverContext, RunningDriver } from '../driver.ts';
import { dataText, mediaType } from '../http/event-data.ts';
import { keepConnected, type OriginConnection } from '../lasting-connection.ts';
import { refuseMessage, storePatiently } from '../patient-store.ts';
import { stableId } from '../stable-id.ts';
import { createTrouble, type Trouble } from '../trouble.ts';
import { headersToSend, textBody } from '../web-client-settings.ts';
import { loadPlace, type Place } from './place.ts';
import { parseSseSettings, type SseSettings } from './settings.ts';

/** How long a server may take to begin its answer, milliseconds. */
const ANSWER_MS_MAX = 15_000;
/** Largest event, in characters; the bus takes no larger ones. */
const EVENT_CHARACTERS_MAX = 7 * 1_048_576;
/** The type of an event that names none. */
const TYPE_DEFAULT = 'message';

interface Source {
  readonly settings: SseSettings;
  readonly context: DriverContext;
  readonly trouble: Trouble;
  readonly place: Place;
}

/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export function createSseDriver(): Driver {
  return createClientDriver({
    kind: 'sse',
    runsOn: 'OneReplica',
    parse: parseSseSettings,
    async start(settings, context): Promise<RunningDriver> {
      const place = await loadPlace(context.checkpoint, settings.url);
      const source: Source = { settings, context, trouble: createTrouble(context), place };
      return keepConnected({
        name: `the stream of ${new URL(settings.url).host}`,
        trouble: source.trouble,
        open: (signal) => openStream(source, signal),
      });
    },
  });
}

async function openStream(source: Source, stopping: AbortSignal): Promise<OriginConnection> {
  const closing = new AbortController();
  const starting = AbortSignal.any([stopping, AbortSignal.timeout(ANSWER_MS_MAX)]);
  const abort = (): void => closing.abort();
  starting.addEventListener('abort', abort, { once: true });
  const body = await requestStream(source, closing.signal);
  starting.removeEventListener('abort', abort);
  const lost = receive(body, source, { reading: closing.signal, stopping }).catch(
    (error: unknown) => reasonOf(error),
  );
  return {
    lost,
    async close() {
      closing.abort();
      await lost;
      await source.place.save();
    },
  };
}

/** @throws ArgosyError when the server does not answer with a stream. */
async function requestStream(
  { settings, context, place }: Source,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  let response: Response;
  try {
    response = await fetch(settings.url, {
      headers: {
        accept: 'text/event-stream',
        'cache-control': 'no-store',
        ...headersToSend(settings, context),
        ...(place.lastEventId === '' ? {} : { 'last-event-id': encoded(place.lastEventId) }),
      },
      // A redirect would take the credentials to another place.
      redirect: 'error',
      signal,
    });
  } catch (error) {
    if (error instanceof ArgosyError) throw error;
    throw new ArgosyError('UNAVAILABLE', reasonOf(error), { cause: error });
  }
  const type = mediaType(response.headers.get('content-type') ?? undefined);
  if (response.status === 200 && type === 'text/event-stream' && response.body !== null) {
    return response.body;
  }
  await response.body?.cancel();
  const said = `the server answered ${response.status} with ${type === '' ? 'no content' : type}`;
  throw new ArgosyError('UNAVAILABLE', `${said} in place of text/event-stream`);
}

/** Header values are bytes: what is no ASCII is sent as UTF-8, as browsers do. */
function encoded(id: string): string {
  return Buffer.from(id, 'utf8').toString('latin1');
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

/** Nothing more is read while an event is being stored, so that the server is held up while the bus is away. */
async function receive(
  body: ReadableStream<Uint8Array>,
  source: Source,
  signals: { readonly reading: AbortSignal; readonly stopping: AbortSignal },
): Promise<string> {
  const { createParser } = await import('eventsource-parser');
  const arrived: EventSourceMessage[] = [];
  const parser = createParser({
    maxBufferSize: EVENT_CHARACTERS_MAX,
    onEvent: (event) => arrived.push(event),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') throw error;
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    for (const event of arrived.splice(0)) {
      if (signals.reading.aborted) return 'it was closed';
      if (!(await store(event, source, signals.stopping))) return 'the driver stops';
    }
  }
  return 'the server ended it';
}

/** @returns false when the driver stops before the event is stored. */
async function store(
  event: EventSourceMessage,
  { settings, context, trouble, place }: Source,
  signal: AbortSignal,
): Promise<boolean> {
  const { eventTypes } = settings;
  if (eventTypes.length === 0 || eventTypes.includes(event.event ?? TYPE_DEFAULT)) {
    const text = sseEventData(event, settings);
    if (text.ok) {
      const data = new TextEncoder().encode(text.value);
      const id = eventId(event, context);
      const outcome = await storePatiently({ data, ...id }, { context, trouble, signal });
      if (outcome.kind === 'Stopped') return false;
    } else refuseMessage(context, text.error);
  }
  if (event.id !== undefined) await place.reached(event.id);
  return true;
}

/** Of an event with an id, for a server that sends it again; others are new each time. */
function eventId(event: EventSourceMessage, context: DriverContext): { readonly id?: string } {
  if (event.id === undefined || event.id === '') return {};
  return { id: stableId(context, event.id, event.event ?? TYPE_DEFAULT, event.data) };
}

/** The data of an event as JSON text: its type, its id if it has one, its data. */
export function sseEventData(
  event: EventSourceMessage,
  { jsonBody, metadata }: Pick<SseSettings, 'jsonBody' | 'metadata'>,
): Result<string, string> {
  const body = textBody(event.data, jsonBody);
  if (!body.ok) return body;
  const type = JSON.stringify(event.event ?? TYPE_DEFAULT);
  const id = event.id === undefined ? {} : { id: JSON.stringify(event.id) };
  return ok(dataText({ type, ...id, body: body.value }, metadata));
}
