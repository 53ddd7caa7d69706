import {
  EventService,
  STREAMS,
  subjectToken,
  textOfToken,
  type SendEventRequest,
} from '@argosy/api';
import type { StoredMessage } from '@argosy/bus';
import { rpcService, type RpcService } from '@argosy/rpc';
import { timestampDate, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { DEFAULT_EVENT_BUS } from '../events/addresses.ts';
import { publishEvent, type PartialEvent } from '../events/publish.ts';
import type { GatewayParts } from '../parts.ts';

/** The public gRPC API of events. */
export function eventService(parts: GatewayParts): RpcService {
  return rpcService(EventService, {
    async sendEvent(request, { user, traceparent }) {
      const address = {
        namespace: request.namespace || parts.namespaceDefault,
        eventBus: request.eventBus || DEFAULT_EVENT_BUS,
        eventSource: request.eventSource,
        eventName: request.eventName,
      };
      const sender = { user, traceparent };
      const sent = await publishEvent(parts.bus, address, { event: eventOf(request), sender });
      return { ...sent, sequence: BigInt(sent.sequence) };
    },
    async *watchEvents(request, { signal }) {
      const { eventSource, eventName, fromStart } = request;
      const tokens = [
        request.namespace || parts.namespaceDefault,
        request.eventBus || DEFAULT_EVENT_BUS,
      ].map(subjectToken);
      const wanted = [eventSource, eventName].map((name) =>
        name === '' ? '*' : subjectToken(name),
      );
      const subject = `events.${[...tokens, ...wanted].join('.')}`;
      const options = { follow: true, onlyNew: !fromStart, signal };
      for await (const message of parts.bus.read(STREAMS.events, subject, options)) {
        yield eventMessage(message);
      }
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

function eventMessage(message: StoredMessage) {
  const { event } = message;
  const [, , , source = '', name = ''] = message.subject.split('.');
  const atMs = event.time === undefined ? Number.NaN : Date.parse(event.time);
  return {
    eventSource: textOfToken(source),
    eventName: textOfToken(name),
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
