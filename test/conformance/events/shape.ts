import { err, ok, type Result } from '@argosy/base';
import {
  amqpEvent,
  parseAmqpArguments,
  parseAmqpSettings,
  genericEventData,
  kafkaEvent,
  natsEventData,
  parseGenericSettings,
  parseKafkaSettings,
  parseNatsSettings,
  parseRedisSettings,
  parseRedisStreamSettings,
  redisEventData,
  redisStreamEventData,
} from '@argosy/event-source';
import { failed, passed, type CaseOutcome, type ConformanceCase } from '../adapter.ts';
import { allOf, compared, contains, expectOf, partOf, partsOf, specOf, type Part } from './case.ts';
import { runSqsCase } from './sqs.ts';

/** What a message of an origin becomes: the event's data as JSON text and, if it has one, its set id. */
interface Shape {
  readonly data: string;
  readonly id?: string;
}

/** One event of a kind as a case declares it, and the message that comes in. */
interface ShapeCase {
  readonly eventSource: string;
  readonly eventName: string;
  readonly settings: Part;
  readonly message: Part;
}

type ShapeOf = (given: ShapeCase) => Result<Shape, string>;

/** Settings as a driver reads them. */
function settingsBy<Settings>(
  parse: (fields: Part, problems: string[]) => Settings,
  fields: Part,
): Result<Settings, string> {
  const problems: string[] = [];
  const settings = parse(fields, problems);
  return problems.length > 0 ? err(problems.join('; ')) : ok(settings);
}

/** One function per kind of source: the settings are read and the data made as the driver does it. */
const SHAPES: Readonly<Record<string, ShapeOf>> = {
  amqp({ eventSource, eventName, settings, message }) {
    const read = settingsBy(parseAmqpSettings, settings);
    if (!read.ok) return read;
    const { bodyText = '', exchange = '', routingKey = '', ...properties } = message;
    const content = new TextEncoder().encode(String(bodyText));
    const fields = { exchange: String(exchange), routingKey: String(routingKey) };
    const context = { namespace: 'default', eventSource, eventName };
    const event = amqpEvent({ content, fields, properties }, read.value, context);
    return event.ok ? ok({ data: new TextDecoder().decode(event.value.data) }) : event;
  },
  generic({ settings, message }) {
    const read = settingsBy(parseGenericSettings, settings);
    if (!read.ok) return read;
    const payload = new TextEncoder().encode(String(message['payloadText']));
    const data = genericEventData(payload, read.value);
    return data.ok ? ok({ data: data.value }) : data;
  },
  kafka({ eventSource, eventName, settings, message }) {
    const read = settingsBy(parseKafkaSettings, settings);
    if (!read.ok) return read;
    const bytes = (text: unknown): Uint8Array => new TextEncoder().encode(String(text));
    const record = {
      topic: String(message['topic']),
      partition: Number(message['partition']),
      offset: BigInt(Number(message['offset'])),
      key: bytes(message['key']),
      value: bytes(message['valueText']),
      headers: Object.entries(partOf(message['headers'])) as [string, string][],
      timestampMs: 0,
    };
    const event = kafkaEvent(record, read.value, { eventSource, eventName });
    if (!event.ok) return event;
    const { data, id } = event.value;
    return ok({ data: new TextDecoder().decode(data), ...(id === undefined ? {} : { id }) });
  },
  nats({ settings, message }) {
    const read = settingsBy(parseNatsSettings, settings);
    if (!read.ok) return read;
    const { subject, dataText, header } = message;
    const data = new TextEncoder().encode(String(dataText));
    const headers = header as Readonly<Record<string, readonly string[]>> | undefined;
    const made = natsEventData({ subject: String(subject), data, headers }, read.value);
    return made.ok ? ok({ data: made.value }) : made;
  },
  redis({ settings, message }) {
    const read = settingsBy(parseRedisSettings, settings);
    if (!read.ok) return read;
    const [channel, payload] = [String(message['channel']), String(message['payload'])];
    const data = redisEventData({ channel, pattern: '', payload }, read.value);
    return data.ok ? ok({ data: data.value }) : data;
  },
  redisStream({ settings, message }) {
    const read = settingsBy(parseRedisStreamSettings, settings);
    if (!read.ok) return read;
    const values = partOf(message['values']) as Readonly<Record<string, string>>;
    const entry = { stream: String(message['stream']), id: String(message['id']), values };
    return ok({ data: redisStreamEventData(entry, read.value.metadata) });
  },
};

/** What an AMQP source declares at its broker; undefined for the cases about events. */
function declaredOutcome(conformanceCase: ConformanceCase): CaseOutcome | undefined {
  const { check, eventSource } = specOf(conformanceCase);
  const { declared, table } = expectOf(conformanceCase);
  if (check === 'amqpQueueArguments') {
    const text = String(partsOf(conformanceCase['events'])[0]?.['argumentsText']);
    const read = parseAmqpArguments(text);
    return read.ok ? compared('table', read.value ?? null, table) : failed(read.error);
  }
  if (declared === undefined) return undefined;
  const { example } = partOf(partOf(partOf(eventSource)['spec'])['amqp']);
  const read = settingsBy(parseAmqpSettings, partOf(example));
  if (!read.ok) return failed(read.error);
  const { declarations } = read.value;
  return contains(declarations, declared) ? passed : compared('declared', declarations, declared);
}

/** eventsource.shape: the data of the event that a message becomes, and its id where it is a set one. */
export function runShapeCase(conformanceCase: ConformanceCase): CaseOutcome | Promise<CaseOutcome> {
  const declared = declaredOutcome(conformanceCase);
  if (declared !== undefined) return declared;
  const source = partOf(specOf(conformanceCase)['eventSource']);
  const [kind = '', events] = Object.entries(partOf(source['spec']))[0] ?? [];
  const [eventName = '', settings] = Object.entries(partOf(events))[0] ?? [];
  // What becomes of a message that is no event can be seen at the queue alone.
  if (kind === 'sqs') return runSqsCase(conformanceCase);
  const shapeOf = SHAPES[kind];
  if (shapeOf === undefined) return failed(`no driver for ${kind}`);
  const shape = shapeOf({
    eventSource: String(source['name']),
    eventName,
    settings: partOf(settings),
    message: partOf(partsOf(conformanceCase['events'])[0]?.['message']),
  });
  if (!shape.ok) return failed(shape.error);
  const { id, dataSubset } = expectOf(conformanceCase);
  const data: unknown = JSON.parse(shape.value.data);
  return allOf(
    id === undefined ? passed : compared('id', shape.value.id, id),
    contains(data, dataSubset) ? passed : compared('data', data, dataSubset),
  );
}
