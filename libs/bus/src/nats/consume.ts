import { ArgosyError } from '@argosy/base';
import { createDispatcher } from '../dispatcher.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { ACK_WAIT_MS_DEFAULT, RETRY_DELAY_MS, RETRY_DELAY_MS_MAX } from '../limits.ts';
import type { BusLogger } from '../logger.ts';
import type { BatchHandler, ConsumeOptions, ConsumerSpec } from '../types.ts';
import { pause } from './connection.ts';
import type { Connection } from './connection.ts';
import { ensureConsumer } from './consumers.ts';
import { createDelivery } from './delivery.ts';
import { openPull } from './pull.ts';
import type { Pull } from './pull.ts';
import { rawFromDelivery } from './raw-message.ts';
import type { Requests } from './requests.ts';

export interface ConsumeContext {
  readonly connection: Connection;
  readonly requests: Requests;
  readonly logger: BusLogger;
}

export interface ConsumeCall {
  readonly spec: ConsumerSpec;
  readonly handler: BatchHandler;
  readonly options: ConsumeOptions;
}

interface Session {
  readonly call: ConsumeCall;
  readonly context: ConsumeContext;
  readonly dispatcher: Dispatcher;
  /** Sequences that handlers hold. */
  readonly held: Set<number>;
  pull: Pull | undefined;
  lastSequence: number;
  /** When the stream was made: one that was deleted and made again counts from one. */
  streamCreated: string;
}

/**
 * Consumes until the signal is aborted: whatever is lost (connection, server, consumer, stream) is
 * waited for or made again, with one log line for each change.
 * @throws ArgosyError when the consumer cannot be made at the start, and UNAVAILABLE when the bus
 *   is closed.
 */
export async function consume(context: ConsumeContext, call: ConsumeCall): Promise<void> {
  const { signal } = call.options;
  await ensureConsumer(context.requests, call.spec, { signal });
  const session = openSession(context, call);
  session.streamCreated = await createdAt(context.requests, call);
  try {
    while (!signal.aborted) {
      const reason = await pullUntilLost(session);
      if (signal.aborted) break;
      const fields = { stream: call.spec.stream, consumer: call.spec.durable, reason };
      context.logger.warn(fields, 'consumer lost');
      call.options.onTrouble?.(reason);
      await restore(session);
      if (isAborted(signal)) break;
      context.logger.info(fields, 'consumer restored');
      call.options.onTrouble?.(undefined);
    }
  } finally {
    session.pull?.close();
    await session.dispatcher.close();
  }
}

/** Read through a call, because it changes while we wait. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function openSession(context: ConsumeContext, call: ConsumeCall): Session {
  const { spec, options } = call;
  const session: Session = {
    call,
    context,
    held: new Set(),
    pull: undefined,
    lastSequence: 0,
    streamCreated: '',
    dispatcher: createDispatcher({
      handler: call.handler,
      batchSize: options.batchSize,
      concurrency: options.concurrency,
      maxDeliver: spec.maxDeliver,
      ackWaitMs: spec.ackWaitMs ?? ACK_WAIT_MS_DEFAULT,
      logger: context.logger,
      consumer: spec.durable,
      onFree: () => session.pull?.topUp(),
    }),
  };
  return session;
}

/** Resolves with the reason when pulling is no longer possible, and on abort. */
async function pullUntilLost(session: Session): Promise<string> {
  const { call, context, dispatcher, held } = session;
  const { signal } = call.options;
  const delivery = {
    ...context,
    consumer: call.spec.durable,
    onSettled: (sequence: number) => {
      held.delete(sequence);
      dispatcher.settled(sequence);
    },
  };
  return new Promise((resolve) => {
    const finish = (reason: string): void => {
      signal.removeEventListener('abort', onAbort);
      stopListening();
      session.pull?.close();
      session.pull = undefined;
      resolve(reason);
    };
    const onAbort = (): void => {
      finish('aborted');
    };
    const stopListening = context.connection.onStatus((status) => {
      // The server forgets its requests with the connection.
      if (status.kind === 'Disconnected') finish(status.reason);
    });
    session.pull = openPull(context.connection, {
      stream: call.spec.stream,
      consumer: call.spec.durable,
      free: () => dispatcher.free,
      onMessage: (message) => {
        const raw = rawFromDelivery(message);
        session.lastSequence = Math.max(session.lastSequence, raw.sequence);
        held.add(raw.sequence);
        dispatcher.push(createDelivery(raw, delivery));
      },
      onProblem: (problem) => {
        finish(problem.reason);
      },
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

async function restore(session: Session): Promise<void> {
  const { call, context } = session;
  const { signal } = call.options;
  let delayMs = RETRY_DELAY_MS;
  let reported = '';
  while (!isAborted(signal)) {
    try {
      await ensureConsumer(context.requests, call.spec, {
        signal,
        startSequence: await restartSequence(session),
      });
      return;
    } catch (thrown) {
      const error = ArgosyError.fromUnknown(thrown);
      if (error.code === 'CANCELLED' || isAborted(signal)) return;
      // The bus was closed: nothing will come any more.
      if (error.code === 'UNAVAILABLE' && error.retry === 'never') throw error;
      if (error.code !== reported) {
        const fields = { stream: call.spec.stream, consumer: call.spec.durable, err: error };
        context.logger.warn(fields, 'consumer cannot be restored yet');
      }
      reported = error.code;
    }
    await pause(delayMs, signal);
    delayMs = Math.min(delayMs * 2, RETRY_DELAY_MS_MAX);
  }
}

/**
 * Where a consumer that was lost with its state begins again. One that takes all begins at the
 * beginning, because what other replicas had not acked is not known here; handlers are idempotent.
 * One that takes only what is new begins with what this replica had not settled, and with all of a
 * stream that was made anew.
 */
async function restartSequence(session: Session): Promise<number | undefined> {
  const { call, context } = session;
  if (call.spec.deliver !== 'new') return undefined;
  const created = await createdAt(context.requests, call);
  if (created !== session.streamCreated) {
    session.streamCreated = created;
    session.lastSequence = 0;
    session.held.clear();
    return 1;
  }
  if (session.lastSequence === 0) return undefined;
  return Math.min(session.lastSequence + 1, ...session.held);
}

/** Asked for only where it matters. */
async function createdAt(requests: Requests, { spec, options }: ConsumeCall): Promise<string> {
  if (spec.deliver !== 'new') return '';
  const { signal } = options;
  const info = await requests.api<{ readonly created: string }>(
    `STREAM.INFO.${spec.stream}`,
    undefined,
    { signal },
  );
  return info.created;
}
