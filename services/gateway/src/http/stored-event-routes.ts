import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DEFAULT_EVENT_BUS } from '../events/addresses.ts';
import { parseEventMoment } from '../events/event-moment.ts';
import { replayEvents } from '../events/replay.ts';
import { readEvents, type EventSelection } from '../events/stored-events.ts';
import type { GatewayParts } from '../parts.ts';
import { textOfBytes } from '../text.ts';
import {
  fieldsOf,
  flagField,
  pathValue,
  queryOf,
  textField,
  type Fields,
} from './request-values.ts';
import { sendStream, streamSignal } from './streams.ts';

/**
 * `GET /api/v1/stream/stored-events/{namespace}`: the events on a bus, from `since` on and as they come, as CloudEvents.
 * `POST /api/v1/replays/{namespace}`: gives kept events to sensors again and tells each.
 */
export function addStoredEventRoutes(app: FastifyInstance, parts: GatewayParts): void {
  app.get('/api/v1/stream/stored-events/:namespace', (request, reply) =>
    sendStream(request, reply, stored(parts, request, streamSignal(reply, parts.stopping))),
  );
  app.post('/api/v1/replays/:namespace', (request, reply) =>
    sendStream(request, reply, replayed(parts, request, streamSignal(reply, parts.stopping))),
  );
}

function selectionOf(request: FastifyRequest, fields: Fields): EventSelection {
  return {
    namespace: pathValue(request, 'namespace'),
    eventBus: textField(fields, 'eventBus') ?? DEFAULT_EVENT_BUS,
    eventSource: textField(fields, 'eventSource') ?? '',
    eventName: textField(fields, 'eventName') ?? '',
  };
}

async function* stored(
  parts: GatewayParts,
  request: FastifyRequest,
  signal: AbortSignal,
): AsyncGenerator<object> {
  const query = queryOf(request);
  const from = textField(query, 'since');
  const since = from === undefined ? undefined : parseEventMoment(from, 'since', Date.now());
  const follow = !flagField(query, 'noFollow');
  const range = { since, follow, onlyNew: follow && since === undefined, signal };
  for await (const event of readEvents(parts.bus, selectionOf(request, query), range)) {
    const { eventSource, eventName, message } = event;
    const { data, extensions, ...attributes } = message.event;
    yield {
      eventSource,
      eventName,
      sequence: message.sequence,
      event: { specversion: '1.0', ...attributes, ...extensions, ...dataField(data) },
    };
  }
}

/** As the JSON format of CloudEvents has it. */
function dataField(data: Uint8Array): object {
  const text = textOfBytes(data);
  try {
    return { data: JSON.parse(text) as unknown };
  } catch {
    return { data_base64: Buffer.from(data).toString('base64') };
  }
}

async function* replayed(
  parts: GatewayParts,
  request: FastifyRequest,
  signal: AbortSignal,
): AsyncGenerator<object> {
  const fields = fieldsOf(request.body);
  const wanted = {
    ...selectionOf(request, fields),
    since: textField(fields, 'since') ?? '',
    until: textField(fields, 'until') ?? '',
    sensor: textField(fields, 'sensor') ?? '',
    dryRun: flagField(fields, 'dryRun'),
    asNew: flagField(fields, 'asNew'),
    name: textField(fields, 'name') ?? '',
  };
  for await (const { message, ...event } of replayEvents(parts, wanted, signal)) {
    yield { ...event, sequence: message.sequence };
  }
}
