import { ArgosyError } from '@argosy/base';
import { ACK_WAIT_MS_DEFAULT, MAX_ACK_PENDING_DEFAULT } from '../limits.ts';
import type { ConsumerSpec } from '../types.ts';
import type { Requests } from './requests.ts';

const NANOSECONDS_PER_MS = 1_000_000;

/** The part of a consumer's configuration that Argosy sets. */
export interface ConsumerConfig {
  readonly [field: string]: unknown;
  readonly deliver_policy?: string;
  readonly opt_start_seq?: number;
}

export interface ConsumerInfo {
  readonly name: string;
  readonly config: ConsumerConfig;
  readonly num_pending: number;
  readonly delivered: { readonly stream_seq: number };
}

/** Where a consumer that does not exist begins, if not where its specification says. */
export interface EnsureOptions {
  readonly signal?: AbortSignal | undefined;
  readonly startSequence?: number | undefined;
}

/** Makes a durable consumer, or brings the one that exists to its specification. */
export async function ensureConsumer(
  requests: Requests,
  spec: ConsumerSpec,
  options: EnsureOptions = {},
): Promise<void> {
  const { signal } = options;
  const existing = await findConsumer(requests, spec, signal);
  if (existing === undefined) {
    const start = startOf(spec, options.startSequence);
    await createConsumer(requests, { ...changeable(spec), ...start }, spec, signal);
    return;
  }
  const wanted = changeable(spec);
  if (isSame(existing.config, wanted)) return;
  // Where it began stays as it is: the server does not allow that to change.
  const config = { ...existing.config, filter_subject: undefined, ...wanted };
  await createConsumer(requests, config, spec, signal);
}

function startOf(spec: ConsumerSpec, startSequence: number | undefined): ConsumerConfig {
  if (startSequence !== undefined) {
    return { deliver_policy: 'by_start_sequence', opt_start_seq: startSequence };
  }
  if (spec.deliver !== 'new' || spec.newSinceMs === undefined) {
    return { deliver_policy: spec.deliver ?? 'all' };
  }
  const time = new Date(spec.newSinceMs).toISOString();
  return { deliver_policy: 'by_start_time', opt_start_time: time };
}

export async function deleteConsumer(
  requests: Requests,
  stream: string,
  durable: string,
): Promise<void> {
  try {
    await requests.api(`CONSUMER.DELETE.${stream}.${durable}`, undefined);
  } catch (error) {
    if (error instanceof ArgosyError && error.code === 'NOT_FOUND') return;
    throw error;
  }
}

async function findConsumer(
  requests: Requests,
  spec: ConsumerSpec,
  signal: AbortSignal | undefined,
): Promise<ConsumerInfo | undefined> {
  try {
    const subject = `CONSUMER.INFO.${spec.stream}.${spec.durable}`;
    return await requests.api<ConsumerInfo>(subject, undefined, { signal });
  } catch (error) {
    const isMissing = error instanceof ArgosyError && error.code === 'NOT_FOUND';
    if (isMissing && !error.message.includes('stream not found')) return undefined;
    throw error;
  }
}

async function createConsumer(
  requests: Requests,
  config: ConsumerConfig,
  spec: ConsumerSpec,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { stream, durable } = spec;
  const body = { stream_name: stream, config };
  await requests.api(`CONSUMER.CREATE.${stream}.${durable}`, body, { signal });
}

function changeable(spec: ConsumerSpec): ConsumerConfig {
  return {
    name: spec.durable,
    durable_name: spec.durable,
    ack_policy: 'explicit',
    replay_policy: 'instant',
    ack_wait: (spec.ackWaitMs ?? ACK_WAIT_MS_DEFAULT) * NANOSECONDS_PER_MS,
    max_ack_pending: spec.maxAckPending ?? MAX_ACK_PENDING_DEFAULT,
    // Worn-out messages are dropped, and reported, by whoever gets them once more; on the server
    // they would only be passed over, and stay in a work queue for ever.
    max_deliver: -1,
    filter_subjects: spec.filterSubjects,
  };
}

function isSame(existing: ConsumerConfig, wanted: ConsumerConfig): boolean {
  // The server keeps a single filter in another field.
  const single = existing['filter_subject'];
  const actual = { ...existing, filter_subjects: existing['filter_subjects'] ?? [single] };
  return Object.entries(wanted).every(
    ([field, value]) =>
      JSON.stringify(actual[field as keyof typeof actual]) === JSON.stringify(value),
  );
}
