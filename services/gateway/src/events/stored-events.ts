import { isReservedEventSource, STREAMS, subjectToken, textOfToken } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Bus, StoredMessage } from '@argosy/bus';
import type { FixedMoment } from '../runs/moment.ts';

/** Events of one bus of a namespace; an empty name stands for all. */
export interface EventSelection {
  readonly namespace: string;
  readonly eventBus: string;
  readonly eventSource: string;
  readonly eventName: string;
}

export interface StoredEvent {
  readonly eventSource: string;
  readonly eventName: string;
  readonly message: StoredMessage;
}

export interface EventRange {
  /** Undefined: from the first that is kept. */
  readonly since?: FixedMoment | undefined;
  /** Up to and with; undefined: no end. */
  readonly until?: FixedMoment | undefined;
  readonly follow?: boolean;
  /** With `follow`: only what comes after the call. */
  readonly onlyNew?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Events of users in the order of the stream. What Argosy itself keeps among them is left out.
 * @throws ArgosyError INVALID_ARGUMENT for a name that no event source can have.
 */
export async function* readEvents(
  bus: Bus,
  selection: EventSelection,
  range: EventRange,
): AsyncGenerator<StoredEvent> {
  const { since, until, follow = false, onlyNew = false, signal } = range;
  const start =
    since === undefined
      ? {}
      : since.kind === 'Sequence'
        ? { fromSequence: since.sequence }
        : { fromTimeMs: since.atMs };
  const options = { ...start, follow, onlyNew, ...(signal === undefined ? {} : { signal }) };
  for await (const message of bus.read(STREAMS.events, subjectOf(selection), options)) {
    if (until !== undefined && isAfter(message, until)) return;
    const [, , , source = '', name = ''] = message.subject.split('.');
    const eventSource = textOfToken(source);
    if (isReservedEventSource(eventSource)) continue;
    yield { eventSource, eventName: textOfToken(name), message };
  }
}

function subjectOf({ namespace, eventBus, eventSource, eventName }: EventSelection): string {
  if (isReservedEventSource(eventSource)) {
    const why = `The event source "${eventSource}" cannot be: names do not begin with "_".`;
    throw new ArgosyError('INVALID_ARGUMENT', why);
  }
  const wanted = [eventSource, eventName].map((name) => (name === '' ? '*' : subjectToken(name)));
  return `events.${[...[namespace, eventBus].map(subjectToken), ...wanted].join('.')}`;
}

function isAfter(message: StoredMessage, until: FixedMoment): boolean {
  return until.kind === 'Sequence'
    ? message.sequence > until.sequence
    : message.storedAtMs > until.atMs;
}
