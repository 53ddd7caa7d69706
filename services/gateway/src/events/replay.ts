import { randomUUID } from 'node:crypto';
import { REPLAY_EXTENSION, sensorMailSubject } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import type { Registry } from '../resources/registry.ts';
import { parseEventMoment } from './event-moment.ts';
import { findSensor, sensorsOf, type DeclaredSensor } from './sensors.ts';
import { readEvents, type EventSelection, type StoredEvent } from './stored-events.ts';

export interface ReplayRequest extends EventSelection {
  readonly since: string;
  /** Empty: all that is kept at the call. */
  readonly until: string;
  /** Empty: each sensor that listens to such events. */
  readonly sensor: string;
  readonly dryRun: boolean;
  readonly asNew: boolean;
  readonly name: string;
}

/** An event that was given to sensors, or would be. */
export interface ReplayedEvent extends StoredEvent {
  /** The id under which they get it. */
  readonly id: string;
  readonly sensors: readonly string[];
}

const NAME = /^[A-Za-z0-9._-]{1,63}$/;

/**
 * Gives kept events to sensors again, one after the other in the order of the stream. They come as if they were stored
 * now: filters, conditions and parameters are those of the sensors as they are now. With the same ids a firing of the
 * same events has the same id as before, so that no workflow is doubled; `asNew` gives ids of this replay.
 * @throws ArgosyError INVALID_ARGUMENT; NOT_FOUND when there is no such sensor.
 */
export async function* replayEvents(
  parts: { readonly bus: Bus; readonly registry: Registry },
  request: ReplayRequest,
  signal: AbortSignal,
): AsyncGenerator<ReplayedEvent> {
  const nowMs = Date.now();
  const since = parseEventMoment(required(request.since), 'since', nowMs);
  const until = request.until === '' ? undefined : parseEventMoment(request.until, 'until', nowMs);
  const name = nameOf(request.name);
  const { namespace, eventBus, sensor } = request;
  const sensors =
    sensor === ''
      ? sensorsOf(parts.registry, namespace)
      : [await findSensor(parts.registry, namespace, sensor)];
  for await (const stored of readEvents(parts.bus, request, { since, until, signal })) {
    const takers = sensors.filter((taker) => listens(taker, eventBus, stored));
    if (takers.length === 0) continue;
    const { id } = stored.message.event;
    const replayed = {
      ...stored,
      id: request.asNew ? `${id}-${name}` : id,
      sensors: takers.map((taker) => taker.name),
    };
    if (!request.dryRun) {
      for (const taker of takers) await give(parts.bus, { replayed, request, taker, name });
    }
    yield replayed;
  }
}

function required(since: string): string {
  if (since !== '') return since;
  const message = 'since must be set: a time, how long ago, or a sequence of the stream.';
  throw new ArgosyError('INVALID_ARGUMENT', message);
}

function nameOf(given: string): string {
  if (given === '') return `replay-${randomUUID().slice(0, 8)}`;
  if (NAME.test(given)) return given;
  const message = 'name must be 1 to 63 letters, digits, dots, dashes or underscores.';
  throw new ArgosyError('INVALID_ARGUMENT', message);
}

function listens(sensor: DeclaredSensor, eventBus: string, stored: StoredEvent): boolean {
  if (sensor.eventBus !== eventBus) return false;
  return sensor.dependencies.some(
    ({ eventSourceName, eventName }) =>
      eventSourceName === stored.eventSource && eventName === stored.eventName,
  );
}

/** A copy of the event, for this sensor alone; it tells the subject under which the event was kept. */
async function give(
  bus: Bus,
  gift: {
    readonly replayed: ReplayedEvent;
    readonly request: ReplayRequest;
    readonly taker: DeclaredSensor;
    readonly name: string;
  },
): Promise<void> {
  const { replayed, request, taker, name } = gift;
  const { event, subject, sequence, traceparent } = replayed.message;
  const { namespace, eventBus } = request;
  await bus.publish(
    {
      subject: sensorMailSubject({ namespace, eventBus, sensor: taker.name }),
      event: {
        ...event,
        id: replayed.id,
        extensions: { ...event.extensions, [REPLAY_EXTENSION]: subject },
      },
      ...(traceparent === undefined ? {} : { traceparent }),
    },
    { messageId: ['replay', name, namespace, taker.name, sequence].join('|') },
  );
}
