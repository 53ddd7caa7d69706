import { STREAMS, eventSubject, sensorMailSubject, subjectToken } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { BatchHandler, Bus, ConsumerSpec, Delivery } from '@argosy/bus';
import { pause, type ServiceContext } from '@argosy/shell';
import type { Logger } from '@argosy/telemetry';
import type { Actions } from './actions.ts';
import type { DeadLetters } from './dead-letters.ts';
import { asReceived, isRedrive, redrive } from './mailbox.ts';
import type { DroppedEvent, SensorLogic } from './sensor-logic.ts';
import type { SensorMetrics } from './sensor-metrics.ts';
import type { MessageOutcome, SensorMemory } from './sensor-memory.ts';

export interface SensorRunOptions {
  readonly context: ServiceContext;
  readonly namespace: string;
  readonly sensor: string;
  readonly eventBus: string;
  /** When the sensor was declared, Unix milliseconds; events since then are for it. */
  readonly declaredAtMs: number | undefined;
  readonly logic: SensorLogic;
  readonly memory: SensorMemory;
  readonly actions: Actions;
  readonly deadLetters: DeadLetters;
  readonly metrics: SensorMetrics;
  /** Called when `trouble` changes. */
  readonly healthChanged: () => void;
  readonly logger: Logger;
}

/** A sensor that listens. */
export interface SensorRun {
  /** Why no events arrive; undefined while they do. */
  readonly trouble: string | undefined;
  /** Takes no new events, finishes or gives back those in hand, then resolves. */
  stop(budgetMs: number): Promise<void>;
}

/** Messages that may be in hand, waiting for retries of triggers included; more wait on the server. */
export const MESSAGES_IN_HAND_MAX = 1_000;
const BATCH_SIZE = 128;
/** What a sensor that died had in hand is delivered again after this time. */
const ACK_WAIT_MS = 10_000;
/** Thrice within the ack wait, so that one lost heartbeat costs nothing. */
const HEARTBEAT_MS = 3_000;
/** Wait before a lost subscription is opened again: doubles from the first to the second. */
const LISTEN_RETRY_MS_MIN = 250;
const LISTEN_RETRY_MS_MAX = 15_000;
/** Different reasons of failing filters that are told as warnings. */
const TOLD_MAX = 100;
/** A subscription that lasts this long is taken to work, events or not. */
const LISTENING_WELL_MS = 1_000;
/** Wait before a message is delivered again whose outcome is not decided. */
const UNDECIDED_RETRY_MS = 1_000;

/** The durable consumer of a sensor: once made, events are kept for it whether or not anybody listens. */
export function consumerOf(
  options: Pick<SensorRunOptions, 'namespace' | 'sensor' | 'eventBus' | 'declaredAtMs' | 'logic'>,
): ConsumerSpec {
  const { namespace, sensor, eventBus, logic } = options;
  const subjects = logic.dependencies.map(({ eventSourceName, eventName }) =>
    eventSubject({ namespace, eventBus, eventSource: eventSourceName, eventName }),
  );
  subjects.push(sensorMailSubject({ namespace, eventBus, sensor }));
  return {
    stream: STREAMS.events,
    durable: `sensor_${subjectToken(namespace)}_${subjectToken(sensor)}`,
    filterSubjects: Array.from(new Set(subjects)).toSorted(),
    deliver: 'new',
    ...(options.declaredAtMs === undefined ? {} : { newSinceMs: options.declaredAtMs }),
    ackWaitMs: ACK_WAIT_MS,
    maxAckPending: MESSAGES_IN_HAND_MAX,
  };
}

/**
 * Starts to listen. When it resolves the consumer exists, so that no later event is missed.
 * @throws ArgosyError when the bus does not make the consumer.
 */
export async function startSensorRun(options: SensorRunOptions): Promise<SensorRun> {
  const { context } = options;
  const spec = consumerOf(options);
  const listening = new AbortController();
  const acting = new AbortController();
  const hand = createHand();
  const noteDropped = dropNotes(options);
  const trouble = createTrouble(options);
  await context.bus.ensureConsumer(spec);

  async function handle(batch: readonly Delivery[]): Promise<void> {
    const events = batch.filter((delivery) => !isRedrive(delivery)).map(asReceived);
    const outcomes = await decided(events);
    trouble.set(undefined);
    const dismissed: Promise<void>[] = [];
    for (const outcome of outcomes) {
      for (const dropped of outcome.dropped) noteDropped(dropped);
      // Without effect there is nothing that a repetition could double.
      if (hasNoEffect(outcome)) dismissed.push(outcome.delivery.ack({ isConfirmed: false }));
      else hand.take(outcome.delivery, settle(options, outcome, acting.signal));
    }
    await Promise.all(dismissed);
    const redriving = { ...options, bus: context.bus };
    for (const delivery of batch.filter(isRedrive)) {
      hand.take(delivery, redrive(redriving, delivery, acting.signal));
    }
  }

  /** Events that cannot be decided, because what waits cannot be read or stored, are delivered again. */
  async function decided(events: readonly Delivery[]): Promise<readonly MessageOutcome[]> {
    try {
      return await options.memory.receive(events);
    } catch (error) {
      trouble.set(`its state cannot be stored: ${ArgosyError.fromUnknown(error).message}`);
      throw error;
    }
  }

  const ended = listen({ bus: context.bus, spec, handle, trouble, signal: listening.signal });
  return {
    get trouble() {
      return trouble.reason;
    },
    async stop(budgetMs) {
      listening.abort();
      await ended;
      const waiting = new AbortController();
      await Promise.race([hand.emptied(), pause(budgetMs, waiting.signal)]);
      waiting.abort();
      acting.abort();
      await hand.emptied();
      hand.close();
    },
  };
}

interface Trouble {
  /** Why nothing is heard; undefined while all is well. */
  readonly reason: string | undefined;
  set(reason: string | undefined): void;
}

/** What keeps a sensor from hearing events, told in the log and to whoever shows its health when it changes. */
function createTrouble(options: Pick<SensorRunOptions, 'logger' | 'healthChanged'>): Trouble {
  let current: string | undefined;
  return {
    get reason() {
      return current;
    },
    set(reason) {
      if (reason === current) return;
      if (reason === undefined) options.logger.info('the sensor hears events again');
      else options.logger.error({ reason }, 'the sensor does not hear events; trying again');
      current = reason;
      options.healthChanged();
    },
  };
}

interface Listening {
  readonly bus: Bus;
  readonly spec: ConsumerSpec;
  readonly handle: BatchHandler;
  readonly trouble: Trouble;
  readonly signal: AbortSignal;
}

/** Listens until the signal is aborted; a subscription that is lost for good is opened again. */
async function listen({ bus, spec, handle, trouble, signal }: Listening): Promise<void> {
  let waitMs = LISTEN_RETRY_MS_MIN;
  while (!signal.aborted) {
    const startedMs = performance.now();
    const well = setTimeout(() => trouble.set(undefined), LISTENING_WELL_MS);
    const onTrouble = (reason: string | undefined): void => {
      clearTimeout(well);
      trouble.set(reason);
    };
    try {
      await bus.consume(spec, handle, { batchSize: BATCH_SIZE, onTrouble, signal });
      if (isAborted(signal)) return;
      trouble.set('the subscription ended');
    } catch (error) {
      trouble.set(ArgosyError.fromUnknown(error).message);
    } finally {
      clearTimeout(well);
    }
    if (performance.now() - startedMs > LISTEN_RETRY_MS_MAX) waitMs = LISTEN_RETRY_MS_MIN;
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, LISTEN_RETRY_MS_MAX);
  }
}

/** Read through a call, because it changes while we wait. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** The deliveries that are worked on: each is kept from being delivered again until its work has ended. */
function createHand() {
  const inHand = new Map<Delivery, Promise<void>>();
  const heartbeat = setInterval(() => {
    for (const delivery of inHand.keys()) delivery.extend();
  }, HEARTBEAT_MS);
  return {
    take(delivery: Delivery, work: Promise<void>): void {
      const ending = work.finally(() => {
        inHand.delete(delivery);
      });
      inHand.set(delivery, ending);
    },
    async emptied(): Promise<void> {
      await Promise.all(inHand.values());
    },
    close: () => clearInterval(heartbeat),
  };
}

/** Counts what dependencies drop. A failing filter is told once per reason, so that it does not go unseen. */
function dropNotes(options: SensorRunOptions): (dropped: DroppedEvent) => void {
  const { namespace, sensor, metrics, logger } = options;
  const told = new Set<string>();
  return ({ dependency, cause, reason }) => {
    metrics.dropped({ namespace, sensor_name: sensor, dependency_name: dependency, cause });
    const isNews = cause === 'Error' && !told.has(reason) && told.size < TOLD_MAX;
    if (isNews) told.add(reason);
    logger[isNews ? 'warn' : 'debug']({ dependency, reason }, 'an event was not taken');
  };
}

function hasNoEffect({ firings, isRecorded }: MessageOutcome): boolean {
  return firings.length === 0 && !isRecorded;
}

/** Runs what a message fired, then acknowledges it, or gives it back. Never rejects. */
async function settle(
  options: SensorRunOptions,
  outcome: MessageOutcome,
  signal: AbortSignal,
): Promise<void> {
  const { delivery, firings, isRecorded } = outcome;
  const { memory, actions, logger } = options;
  try {
    const ends = await Promise.all(firings.map((firing) => actions.run(firing, signal)));
    const undecided = ends.find((end) => end.kind === 'Undecided');
    if (undecided !== undefined) {
      const { reason } = undecided;
      logger.warn({ reason, sequence: delivery.sequence }, 'an event will be delivered again');
      delivery.retry(signal.aborted ? 0 : UNDECIDED_RETRY_MS);
      return;
    }
    if (isRecorded) await memory.settle(delivery);
    await delivery.ack();
    if (isRecorded) memory.acknowledged(delivery);
  } catch (error) {
    const reason = ArgosyError.fromUnknown(error).message;
    logger.warn({ reason, sequence: delivery.sequence }, 'an event could not be acknowledged');
    delivery.retry(UNDECIDED_RETRY_MS);
  }
}
