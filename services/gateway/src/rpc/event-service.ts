import { EventService, type SendEventRequest } from '@argosy/api';
import { rpcService, type RpcService } from '@argosy/rpc';
import { timestampDate, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { DEFAULT_EVENT_BUS } from '../events/addresses.ts';
import { parseEventMoment } from '../events/event-moment.ts';
import { publishEvent, type PartialEvent } from '../events/publish.ts';
import { replayEvents } from '../events/replay.ts';
import { sensorState } from '../events/sensors.ts';
import { readEvents, type StoredEvent } from '../events/stored-events.ts';
import type { GatewayParts } from '../parts.ts';
import { jsonBytes } from '../text.ts';
import { deadLetterCalls } from './dead-letter-calls.ts';

/** The public gRPC API of events. */
export function eventService(parts: GatewayParts): RpcService {
  const selectionOf = (request: {
    readonly namespace: string;
    readonly eventBus: string;
    readonly eventSource: string;
    readonly eventName: string;
  }) => ({
    namespace: request.namespace || parts.namespaceDefault,
    eventBus: request.eventBus || DEFAULT_EVENT_BUS,
    eventSource: request.eventSource,
    eventName: request.eventName,
  });
  return rpcService(EventService, {
    ...deadLetterCalls(parts),
    async sendEvent(request, { user, traceparent }) {
      const address = selectionOf(request);
      const sender = { user, traceparent };
      const sent = await publishEvent(parts.bus, address, { event: eventOf(request), sender });
      return { ...sent, sequence: BigInt(sent.sequence) };
    },
    async *watchEvents(request, { signal }) {
      const { since: from, fromStart, noFollow } = request;
      const since = from === '' ? undefined : parseEventMoment(from, 'since', Date.now());
      const follow = !noFollow;
      const onlyNew = follow && !fromStart && since === undefined;
      const range = { since, follow, onlyNew, signal };
      for await (const stored of readEvents(parts.bus, selectionOf(request), range)) {
        yield eventMessage(stored);
      }
    },
    async *replayEvents(request, { signal }) {
      const wanted = { ...request, ...selectionOf(request) };
      for await (const replayed of replayEvents(parts, wanted, signal)) {
        const { eventSource, eventName, id, sensors, message } = replayed;
        yield {
          eventSource,
          eventName,
          id,
          sensors: [...sensors],
          sequence: BigInt(message.sequence),
          storedAt: timestampFromMs(message.storedAtMs),
        };
      }
    },
    async getSensorState({ namespace, name }) {
      const state = await sensorState(parts.bus, namespace || parts.namespaceDefault, name);
      const pending = state.pending.map(({ arrivedMs, event, ...waiting }) => ({
        ...waiting,
        eventJson: jsonBytes(event),
        arrivedAt: timestampFromMs(arrivedMs),
      }));
      return { pending, firingsOwed: state.firingsOwed };
    },
  });
}

function eventOf(request: SendEventRequest): PartialEvent {
  const { id, source, type, subject, time, dataContentType, extensions, data } = request;
  return {
    ...(id === '' ? {} : { id }),
    ...(source === '' ? {} : { source }),
    ...(type === '' ? {} : { type }),
    ...(subject === '' ? {} : { subject }),
    ...(time === undefined ? {} : { time: timestampDate(time).toISOString() }),
    ...(dataContentType === '' ? {} : { datacontenttype: dataContentType }),
    extensions,
    data,
  };
}

function eventMessage({ eventSource, eventName, message }: StoredEvent) {
  const { event } = message;
  const atMs = event.time === undefined ? Number.NaN : Date.parse(event.time);
  return {
    eventSource,
    eventName,
    id: event.id,
    source: event.source,
    type: event.type,
    subject: event.subject ?? '',
    time: timestampFromMs(Number.isNaN(atMs) ? message.storedAtMs : atMs),
    dataContentType: event.datacontenttype ?? '',
    extensions: { ...event.extensions },
    data: event.data,
    sequence: BigInt(message.sequence),
  };
}
