import {
  decodeRedrive,
  encodeRedriveReply,
  EVENT_TYPES,
  REPLAY_EXTENSION,
  type DeadLetter,
  type RedriveReply,
} from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Bus, Delivery } from '@argosy/bus';
import type { Logger } from '@argosy/telemetry';
import type { Actions } from './actions.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { SensorLogic } from './sensor-logic.ts';

/**
 * A replayed event as it came at first: under its own subject, so that the dependencies know it. The place in the
 * stream and the time are those of the replay: for conditions and resets it comes now. Others stay as they are.
 */
export function asReceived(delivery: Delivery): Delivery {
  const subject = delivery.event.extensions?.[REPLAY_EXTENSION];
  if (subject === undefined) return delivery;
  const { ack, retry, drop, extend } = delivery;
  return { ...delivery, subject, ack, retry, drop, extend };
}

export function isRedrive(delivery: Delivery): boolean {
  return delivery.event.type === EVENT_TYPES.redrive;
}

export interface RedriveOptions {
  readonly bus: Bus;
  readonly logic: SensorLogic;
  readonly actions: Actions;
  readonly deadLetters: DeadLetters;
  readonly logger: Logger;
}

/** Wait before a redrive is delivered again whose outcome is not decided. */
const UNDECIDED_RETRY_MS = 1_000;

/**
 * Runs a dead letter's trigger once more, with the same firing. The letter goes when that worked, before the
 * request is acknowledged: after a crash in between it is not there any more, and nothing is run. Never rejects.
 */
export async function redrive(
  options: RedriveOptions,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<void> {
  const { bus, logger } = options;
  try {
    const reply = await redriven(options, delivery, signal);
    if (reply === undefined) {
      delivery.retry(signal.aborted ? 0 : UNDECIDED_RETRY_MS);
      return;
    }
    logger.info({ reply, letter: delivery.event.subject }, 'a dead letter was redriven');
    if (delivery.replyTo !== undefined) bus.send(answerTo(delivery, delivery.replyTo, reply));
    await delivery.ack();
  } catch (error) {
    const reason = ArgosyError.fromUnknown(error).message;
    logger.warn({ reason, sequence: delivery.sequence }, 'a dead letter could not be redriven');
    delivery.retry(UNDECIDED_RETRY_MS);
  }
}

/** Undefined when nothing was decided. */
async function redriven(
  { logic, actions, deadLetters }: RedriveOptions,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<RedriveReply | undefined> {
  const wanted = readRedrive(delivery);
  if (wanted === undefined) return { kind: 'Failed', reason: 'the request cannot be read' };
  const letter = await deadLetters.find(wanted.trigger, wanted.firingId);
  // It was redriven or deleted meanwhile: what was asked for is so.
  if (letter === undefined) return { kind: 'Worked' };
  const obstacle = obstacleOf(letter, logic);
  if (obstacle !== undefined) return { kind: 'Failed', reason: obstacle };
  const outcome = await actions.run(letter.firing, signal, { isRedrive: true });
  if (outcome.kind === 'Undecided') return undefined;
  if (outcome.error !== undefined) return { kind: 'Failed', reason: outcome.error };
  await deadLetters.remove(wanted.trigger, wanted.firingId);
  return { kind: 'Worked' };
}

function readRedrive(delivery: Delivery): ReturnType<typeof decodeRedrive> | undefined {
  try {
    return decodeRedrive(delivery.event.data);
  } catch {
    return undefined;
  }
}

function obstacleOf(letter: DeadLetter, logic: SensorLogic): string | undefined {
  if (letter.isCut === true) {
    return 'its events were too large to be kept with it; replay them from the stream of events';
  }
  if (logic.triggers.has(letter.trigger)) return undefined;
  return `the sensor has no trigger ${letter.trigger} that could run now; its status tells more`;
}

function answerTo(delivery: Delivery, subject: string, reply: RedriveReply) {
  return {
    subject,
    event: {
      id: delivery.event.id,
      source: '/sensor',
      type: EVENT_TYPES.redriveReply,
      datacontenttype: 'application/json',
      data: encodeRedriveReply(reply),
    },
  };
}
