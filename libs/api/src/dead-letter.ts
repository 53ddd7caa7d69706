/** An event of a firing: the attributes that rules look at, and its data as text. */
export interface FiredEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly time?: string;
  readonly datacontenttype?: string;
  readonly dataText?: string;
}

/** A firing whose trigger failed at all attempts, and whose `dlqTrigger` failed too, or is absent. */
export interface DeadLetter {
  readonly namespace: string;
  readonly sensor: string;
  readonly trigger: string;
  /** Why the last attempt of the trigger failed; a sentence. */
  readonly error: string;
  /** Why its `dlqTrigger` failed; absent without one. */
  readonly dlqError?: string;
  /** Attempts of the trigger. */
  readonly attempts: number;
  /** Unix milliseconds. */
  readonly failedAtMs: number;
  /** The events were too large to be kept with the rest: there is no firing any more that could be redriven. */
  readonly isCut?: boolean;
  readonly firing: {
    /** The same whenever the same events fire the same trigger. */
    readonly id: string;
    readonly trigger: string;
    /** The dependency whose event made it fire. */
    readonly on: string;
    readonly events: Readonly<Record<string, FiredEvent>>;
    /** Unix milliseconds. */
    readonly firedMs: number;
    readonly traceparent?: string;
  };
}

/** Asks a sensor to run a dead letter's trigger once more. */
export interface Redrive {
  readonly trigger: string;
  readonly firingId: string;
}

/** How a redrive ended. */
export type RedriveReply =
  | { readonly kind: 'Worked' }
  /** The letter is still there, with what went wrong this time. */
  | { readonly kind: 'Failed'; readonly reason: string };

/** The extension attribute of an event that is replayed: the subject under which it is kept. */
export const REPLAY_EXTENSION = 'argosyreplayof';

/** The data of an `argosy.sensor.deadletter.v1` event. */
export function encodeDeadLetter(letter: DeadLetter): Uint8Array {
  return encode(letter);
}

/** @throws Error when the bytes are no dead letter. */
export function decodeDeadLetter(data: Uint8Array): DeadLetter {
  const letter = decode<DeadLetter>(data, 'dead letter');
  if (typeof letter.firing?.id !== 'string') throw new Error('the dead letter has no firing');
  return letter as DeadLetter;
}

/** The data of an `argosy.sensor.redrive.v1` event. */
export function encodeRedrive(redrive: Redrive): Uint8Array {
  return encode(redrive);
}

/** @throws Error when the bytes ask for nothing. */
export function decodeRedrive(data: Uint8Array): Redrive {
  const { trigger, firingId } = decode<Redrive>(data, 'redrive');
  if (trigger === undefined || firingId === undefined) throw new Error('the redrive names nothing');
  return { trigger, firingId };
}

/** The data of an `argosy.sensor.redrivereply.v1` event. */
export function encodeRedriveReply(reply: RedriveReply): Uint8Array {
  return encode(reply);
}

/** @throws Error when the bytes are no answer. */
export function decodeRedriveReply(data: Uint8Array): RedriveReply {
  const reply = decode<{ kind: string; reason: string }>(data, 'answer');
  if (reply.kind === 'Worked') return { kind: 'Worked' };
  return { kind: 'Failed', reason: reply.reason ?? '' };
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function decode<T>(data: Uint8Array, what: string): Partial<T> {
  const value: unknown = JSON.parse(new TextDecoder().decode(data));
  if (typeof value !== 'object' || value === null) throw new Error(`the data is no ${what}`);
  return value;
}
