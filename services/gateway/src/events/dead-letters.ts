import { randomUUID } from 'node:crypto';
import {
  deadLetterSubject,
  decodeDeadLetter,
  decodeRedriveReply,
  encodeRedrive,
  EVENT_TYPES,
  sensorMailSubject,
  STREAMS,
  type DeadLetter,
  type RedriveReply,
} from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import { DEAD_LETTERS_LISTED, DEAD_LETTERS_LISTED_MAX, REDRIVE_TIMEOUT_MS } from '../config.ts';
import type { Registry } from '../resources/registry.ts';
import type { Sender } from '../submission/commands.ts';
import { findSensor } from './sensors.ts';

export interface DeadLetterFilter {
  readonly namespace: string;
  /** Empty: of all. */
  readonly sensor: string;
  readonly trigger: string;
  /** 0: DEAD_LETTERS_LISTED. */
  readonly limit: number;
}

/** Names a dead letter by the id of its firing, or by a beginning of it. */
export interface DeadLetterName {
  readonly namespace: string;
  readonly id: string;
}

export type RedriveOutcome =
  | RedriveReply
  /** It was handed over; the sensor has not answered yet. */
  | { readonly kind: 'Pending' };

const FULL_ID = /^[0-9a-f]{64}$/;
const ID_LENGTH_MIN = 4;

/** Dead letters, oldest first. */
export async function listDeadLetters(
  bus: Bus,
  filter: DeadLetterFilter,
): Promise<{ readonly letters: readonly DeadLetter[]; readonly more: boolean }> {
  const limit = filter.limit === 0 ? DEAD_LETTERS_LISTED : filter.limit;
  if (limit < 0 || limit > DEAD_LETTERS_LISTED_MAX) {
    const message = `The limit must be from 1 to ${DEAD_LETTERS_LISTED_MAX}, not ${filter.limit}.`;
    throw new ArgosyError('INVALID_ARGUMENT', message);
  }
  const { namespace, sensor, trigger } = filter;
  const place = {
    namespace,
    ...(sensor === '' ? {} : { sensor }),
    ...(trigger === '' ? {} : { trigger }),
  };
  const letters: DeadLetter[] = [];
  for await (const { event } of bus.read(STREAMS.deadLetters, deadLetterSubject(place))) {
    if (letters.length >= limit) return { letters, more: true };
    letters.push(withoutData(decodeDeadLetter(event.data)));
  }
  return { letters, more: false };
}

/** @throws ArgosyError NOT_FOUND; INVALID_ARGUMENT when a beginning of an id means several. */
export async function getDeadLetter(bus: Bus, name: DeadLetterName): Promise<DeadLetter> {
  const { namespace, id } = name;
  if (!/^[0-9a-f]+$/.test(id) || id.length < ID_LENGTH_MIN) {
    const form = `the id of a firing, or at least its first ${ID_LENGTH_MIN} digits`;
    throw new ArgosyError('INVALID_ARGUMENT', `Name a dead letter by ${form}, not by "${id}".`);
  }
  const place = FULL_ID.test(id) ? { namespace, firingId: id } : { namespace };
  let found: DeadLetter | undefined;
  for await (const { subject, event } of bus.read(STREAMS.deadLetters, deadLetterSubject(place))) {
    const firingId = subject.split('.').at(-1) ?? '';
    if (!firingId.startsWith(id)) continue;
    if (found !== undefined && found.firing.id !== firingId) {
      const message = `Several dead letters begin with "${id}"; write more of the id.`;
      throw new ArgosyError('INVALID_ARGUMENT', message);
    }
    found = decodeDeadLetter(event.data);
  }
  if (found !== undefined) return found;
  throw new ArgosyError('NOT_FOUND', `There is no dead letter "${id}" in ${namespace}.`);
}

/**
 * Hands a dead letter to its sensor, which runs the trigger with the same firing, and waits a while for the outcome.
 * @throws ArgosyError NOT_FOUND; FAILED_PRECONDITION when its trigger is not declared any more.
 */
export async function redriveDeadLetter(
  parts: { readonly bus: Bus; readonly registry: Registry },
  name: DeadLetterName,
  sender: Sender,
): Promise<{ readonly id: string; readonly outcome: RedriveOutcome }> {
  const { firing, sensor, trigger } = await getDeadLetter(parts.bus, name);
  const declared = await findSensor(parts.registry, name.namespace, sensor);
  if (!declared.triggers.includes(trigger)) {
    const message = `The sensor ${sensor} has no trigger "${trigger}" any more; declare it or delete the letter.`;
    throw new ArgosyError('FAILED_PRECONDITION', message);
  }
  const { traceparent } = sender;
  const message = {
    subject: sensorMailSubject({ namespace: name.namespace, eventBus: declared.eventBus, sensor }),
    event: {
      id: randomUUID(),
      source: `/${name.namespace}/gateway`,
      type: EVENT_TYPES.redrive,
      subject: firing.id,
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
      data: encodeRedrive({ trigger, firingId: firing.id }),
    },
    ...(traceparent === undefined ? {} : { traceparent }),
  };
  try {
    const reply = await parts.bus.publishForReply(message, { timeoutMs: REDRIVE_TIMEOUT_MS });
    return { id: firing.id, outcome: decodeRedriveReply(reply.event.data) };
  } catch (error) {
    if (ArgosyError.fromUnknown(error).code !== 'DEADLINE_EXCEEDED') throw error;
    return { id: firing.id, outcome: { kind: 'Pending' } };
  }
}

/** @throws ArgosyError NOT_FOUND */
export async function deleteDeadLetter(bus: Bus, name: DeadLetterName): Promise<string> {
  const { sensor, trigger, firing } = await getDeadLetter(bus, name);
  const place = { namespace: name.namespace, sensor, trigger, firingId: firing.id };
  await bus.purge(STREAMS.deadLetters, deadLetterSubject(place));
  return firing.id;
}

/** A list of many must not hold the data of all their events. */
function withoutData(letter: DeadLetter): DeadLetter {
  const events = Object.entries(letter.firing.events).map(([name, event]) => {
    const { dataText: _dropped, ...rest } = event;
    return [name, rest] as const;
  });
  return { ...letter, firing: { ...letter.firing, events: Object.fromEntries(events) } };
}
