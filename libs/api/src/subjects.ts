/** Subjects and keys on the bus, made in one place. Parts are encoded so that no user's name can add a token. */

const PLAIN = /^[A-Za-z0-9_-]+$/;

/**
 * One subject token from any text: letters, digits, `-` and `_` stay; everything else becomes `=XX` of its
 * UTF-8 bytes, so that two names never share a token.
 */
export function subjectToken(text: string): string {
  if (PLAIN.test(text)) return text;
  if (text === '') return '=';
  return Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    return PLAIN.test(character)
      ? character
      : `=${byte.toString(16).padStart(2, '0').toUpperCase()}`;
  }).join('');
}

/** The text that `subjectToken` made the token from. */
export function textOfToken(token: string): string {
  if (token === '=') return '';
  return decodeURIComponent(token.replace(/%/g, '%25').replace(/=([0-9A-F]{2})/g, '%$1'));
}

export interface EventAddress {
  readonly namespace: string;
  readonly eventBus: string;
  readonly eventSource: string;
  readonly eventName: string;
}

/** `events.<ns>.<bus>.<source>.<event>` */
export function eventSubject(address: EventAddress): string {
  const parts = [address.namespace, address.eventBus, address.eventSource, address.eventName];
  return `events.${parts.map(subjectToken).join('.')}`;
}

/** Stands where other events have their source; no object can have this name. */
const BINDINGS_SOURCE = '_bindings';

/** Where the events lie that were posted for the WorkflowEventBindings of a namespace. */
export function bindingEventSubject(namespace: string, discriminator: string): string {
  const address = { namespace, eventBus: 'default', eventSource: BINDINGS_SOURCE };
  return eventSubject({ ...address, eventName: discriminator });
}

/** The events for all WorkflowEventBindings. */
export const BINDING_EVENTS_FILTER = `events.*.default.${BINDINGS_SOURCE}.*`;

/** Stands where other events have their source; no object can have this name. */
const SENSORS_SOURCE = '_sensors';

/**
 * What is for one sensor alone: dead letters to be run once more, and events that are replayed. It comes by the
 * sensor's own consumer, so that it is kept, shared and acknowledged as its events are.
 */
export function sensorMailSubject(address: {
  readonly namespace: string;
  readonly eventBus: string;
  readonly sensor: string;
}): string {
  const { namespace, eventBus, sensor } = address;
  return eventSubject({ namespace, eventBus, eventSource: SENSORS_SOURCE, eventName: sensor });
}

/** Whether an event source's name is one of Argosy's own, under which no user's events lie. */
export function isReservedEventSource(name: string): boolean {
  return name.startsWith('_');
}

/** `events-dlq.<ns>.<sensor>.<trigger>.<firing>`; what is left out stands for all. */
export function deadLetterSubject(place: {
  readonly namespace: string;
  readonly sensor?: string;
  readonly trigger?: string;
  readonly firingId?: string;
}): string {
  const { namespace, sensor, trigger, firingId } = place;
  const tokens = [sensor, trigger, firingId].map((text) =>
    text === undefined ? '*' : subjectToken(text),
  );
  return `events-dlq.${[subjectToken(namespace), ...tokens].join('.')}`;
}

/** Key of a sensor's state in the KV `sensor-state`. */
export function sensorStateKey(namespace: string, sensor: string): string {
  return `sensor.${subjectToken(namespace)}.${subjectToken(sensor)}`;
}

/** `cmd.workflow.<partition>.<uid>.<what>`; a report's `what` is `report-<taskId>-<kind>`. */
export function commandSubject(partition: number, uid: string, what: string): string {
  return `cmd.workflow.${partition}.${subjectToken(uid)}.${subjectToken(what)}`;
}

/** All commands to one partition. */
export function commandFilter(partition: number): string {
  return `cmd.workflow.${partition}.>`;
}

/** `cmd.locks.<holder>`: what a holder of locks asks of whoever keeps them. */
export function lockCommandSubject(holder: string): string {
  return `cmd.locks.${subjectToken(holder)}`;
}

/** All commands about locks. */
export const LOCK_COMMANDS_FILTER = 'cmd.locks.>';

/** The history of all locks of the installation. */
export const LOCK_FACTS_SUBJECT = 'fact.locks';

/** Key of a limit in the KV `sync-limits`. */
export function syncLimitKey(namespace: string, key: string): string {
  return `${subjectToken(namespace)}.${subjectToken(key)}`;
}

/** `fact.workflow.<partition>.<uid>`: the whole history of one run. */
export function factSubject(partition: number, uid: string): string {
  return `fact.workflow.${partition}.${subjectToken(uid)}`;
}

/**
 * `snapshot.workflow.<partition>.<uid>.<sequence>.<piece>`: the state of a run after the fact at that sequence. Without a
 * piece: the filter for all pieces of it; without a sequence: for all snapshots of the run.
 */
export function snapshotSubject(
  partition: number,
  uid: string,
  place: { readonly sequence?: number; readonly piece?: number } = {},
): string {
  const { sequence, piece } = place;
  const rest = sequence === undefined ? '>' : `${sequence}.${piece ?? '>'}`;
  return `snapshot.workflow.${partition}.${subjectToken(uid)}.${rest}`;
}

/**
 * The queues of a pool, each with a consumer of its own, so that one never waits for another: tasks of workflows
 * with a priority, all other ones, and those whose work is done elsewhere and is only waited for here.
 */
export const TASK_LANES = ['high', 'normal', 'remote'] as const;
export type TaskLane = (typeof TASK_LANES)[number];

/** `task.<pool>.<lane>.<taskId>` */
export function taskSubject(pool: string, lane: TaskLane, taskId: string): string {
  return `task.${subjectToken(pool)}.${lane}.${subjectToken(taskId)}`;
}

/** `log.<ns>.<uid>.<nodeId>`: the log of one node, all attempts of it being nodes of their own. */
export function logSubject(namespace: string, uid: string, nodeId: string): string {
  return `log.${subjectToken(namespace)}.${subjectToken(uid)}.${subjectToken(nodeId)}`;
}

/** The logs of all nodes of a run. */
export function logFilter(namespace: string, uid: string): string {
  return `log.${subjectToken(namespace)}.${subjectToken(uid)}.>`;
}

/** Key of a declared manifest in the KV `resources`: `<kind>.<ns>.<name>`, the kind in lower case. */
export function resourceKey(kind: string, namespace: string, name: string): string {
  return `${subjectToken(kind.toLowerCase())}.${subjectToken(namespace)}.${subjectToken(name)}`;
}

/** Key of a run in the KV `runs`: `<ns>.<name>`. */
export function runKey(namespace: string, name: string): string {
  return `${subjectToken(namespace)}.${subjectToken(name)}`;
}
