import { decodeLockCommand, LOCK_COMMANDS_FILTER, STREAMS } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { holdLease, type Bus, type Delivery } from '@argosy/bus';
import {
  lockId,
  owedByLocks,
  stepLocks,
  type LockEffect,
  type LockFact,
  type LockInput,
  type LockKey,
} from '@argosy/core-workflow';
import { pause } from '@argosy/shell';
import type { Instrument, Logger } from '@argosy/telemetry';
import { createLockAudit } from './lock-audit.ts';
import type { LockLimits } from './lock-limits.ts';
import {
  appendLockFacts,
  compactLocks,
  confirmLocks,
  loadLocks,
  type LoadedLocks,
} from './lock-log.ts';
import { sendLockReports, type LockReport } from './lock-reports.ts';

const DURABLE = 'locks';
/** Commands handled in one go. */
const BATCH_MAX = 256;
/** As short as that of runs: a second delivery of a command that is still being handled changes nothing. */
const ACK_WAIT_MS = 5_000;
/** Wait before the locks are taken up again after a failure. */
const RETRY_MS = 500;
/** The log is described anew after this many messages … */
const MESSAGES_PER_SNAPSHOT = 500;
/** … or after this time, whichever is first, so that no age limit reaches what is still needed. */
const SNAPSHOT_AGE_MS_MAX = 3_600_000;
/** How often runs that are gone are looked for among the holders. */
export const AUDIT_INTERVAL_MS = 15_000;

export interface LockKeeperOptions {
  readonly bus: Bus;
  readonly partitions: number;
  readonly replicaId: string;
  readonly leaseTtlMs: number;
  readonly limits: LockLimits;
  readonly logger: Logger;
  readonly now: () => number;
  /** How many holders there are, by lock. */
  readonly held?: Instrument;
  readonly pending?: Instrument;
  /** Default AUDIT_INTERVAL_MS. */
  readonly auditIntervalMs?: number;
  /** Default MESSAGES_PER_SNAPSHOT. */
  readonly messagesPerSnapshot?: number;
  readonly signal: AbortSignal;
}

/**
 * Keeps the locks of the installation: one replica at a time does, by a lease. Everything decided is durable before
 * anybody hears of it, and a keeper of the past is refused by the expected sequence of the log. Never rejects.
 */
export async function keepLocks(options: LockKeeperOptions): Promise<void> {
  const { bus, replicaId: ownerId, leaseTtlMs: ttlMs, logger, signal } = options;
  while (!signal.aborted) {
    try {
      const lease = await holdLease(bus, 'locks', { ownerId, ttlMs, logger, signal });
      try {
        await keepUntil(options, AbortSignal.any([signal, lease.signal]));
      } finally {
        await lease.release();
      }
    } catch (thrown) {
      if (signal.aborted) return;
      const { message } = ArgosyError.fromUnknown(thrown);
      logger.warn({ message }, 'the locks are not kept for a moment; taking them up again');
      await pause(RETRY_MS, signal);
    }
  }
}

/** Works until the signal is aborted, or something goes wrong after which all has to be read again. */
async function keepUntil(options: LockKeeperOptions, outer: AbortSignal): Promise<void> {
  const { bus } = options;
  const locks = await loadLocks(bus);
  const failing = new AbortController();
  const signal = AbortSignal.any([outer, failing.signal]);
  const keeper = createKeeper(options, locks);
  const guard = async (work: () => Promise<void>): Promise<void> => {
    try {
      await keeper.inTurn(work);
    } catch (thrown) {
      failing.abort(thrown);
      throw thrown;
    }
  };
  // Begun before the limits are looked up, so that no change in between is missed.
  const following = options.limits.follow(
    {
      locks: () => Array.from(locks.state.locks.values(), ({ lock }) => lock),
      onChange: (changed) => {
        guard(() => keeper.lookUp(changed)).catch(() => undefined);
      },
    },
    signal,
  );
  // Looked at below; until then it must not count as unhandled.
  following.catch(() => undefined);
  await guard(() => keeper.perform([...owedByLocks(locks.state)]));
  const audit = createLockAudit(bus, locks.state);
  const works = [
    following,
    bus.consume(
      {
        stream: STREAMS.commands,
        durable: DURABLE,
        filterSubjects: [LOCK_COMMANDS_FILTER],
        ackWaitMs: ACK_WAIT_MS,
      },
      (batch) => guard(() => keeper.handle(batch)),
      { batchSize: BATCH_MAX, signal },
    ),
    everyInterval(options.auditIntervalMs ?? AUDIT_INTERVAL_MS, signal, async () => {
      const at = options.now();
      for (const uid of await audit.lostRuns()) {
        options.logger.warn({ uid }, 'locks of a run that has ended or is gone are released');
        await guard(() => keeper.decide([{ kind: 'ReleaseRun', at, uid }]));
      }
      await guard(() => keeper.compact());
    }),
  ];
  const ended = works.map((work) =>
    work.catch((thrown: unknown) => {
      failing.abort(thrown);
      throw thrown;
    }),
  );
  await Promise.allSettled(ended);
  await keeper.idle();
  if (failing.signal.aborted) throw ArgosyError.fromUnknown(failing.signal.reason);
}

async function everyInterval(
  intervalMs: number,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  for (;;) {
    await pause(intervalMs, signal);
    if (signal.aborted) return;
    await work();
  }
}

/** Changes the locks; one thing after the other. */
interface Keeper {
  /** Runs the work after all earlier ones. */
  inTurn(work: () => Promise<void>): Promise<void>;
  handle(batch: readonly Delivery[]): Promise<void>;
  decide(inputs: readonly LockInput[]): Promise<void>;
  perform(effects: readonly LockEffect[]): Promise<void>;
  lookUp(locks: readonly LockKey[]): Promise<void>;
  compact(): Promise<void>;
  idle(): Promise<void>;
}

function createKeeper(options: LockKeeperOptions, locks: LoadedLocks): Keeper {
  const { bus, partitions, limits, logger, now } = options;
  let tail: Promise<unknown> = Promise.resolve();

  const keeper: Keeper = {
    inTurn(work) {
      const turn = tail.then(work);
      tail = turn.catch(() => undefined);
      return turn;
    },
    async handle(batch) {
      const readable = readCommands(batch, now());
      await keeper.decide(readable.map(({ input }) => input));
      await Promise.all(readable.map(({ delivery }) => delivery.ack()));
    },
    async decide(inputs) {
      const { facts, effects } = stepAll(locks, inputs);
      if (facts.length === 0) await confirmLocks(bus, locks);
      await appendLockFacts(bus, locks, facts);
      await keeper.perform(effects);
      showCounts(options, locks);
      const most = options.messagesPerSnapshot ?? MESSAGES_PER_SNAPSHOT;
      if (locks.messagesSinceSnapshot >= most) await keeper.compact();
    },
    async perform(effects) {
      // Of several reports to a holder the last one counts.
      const reports = new Map<string, LockReport>();
      const unknown = new Map<string, LockKey>();
      for (const effect of effects) {
        if (effect.kind === 'ReportLocks') reports.set(effect.holder, effect);
        else unknown.set(lockId(effect.lock), effect.lock);
      }
      await sendLockReports(bus, partitions, reports.values());
      if (unknown.size > 0) await keeper.lookUp([...unknown.values()]);
    },
    async lookUp(wanted) {
      const answers = await Promise.all(
        wanted.map(async (lock): Promise<LockInput> => {
          const answer = await limits.lookUp(lock);
          const at = now();
          return answer.kind === 'Limit'
            ? { kind: 'LimitChanged', at, lock, limit: answer.limit }
            : { kind: 'LimitMissing', at, lock, message: answer.message };
        }),
      );
      await keeper.decide(answers);
    },
    async compact() {
      const isOld = now() - locks.snapshotAtMs >= SNAPSHOT_AGE_MS_MAX && locks.sequence > 0;
      const most = options.messagesPerSnapshot ?? MESSAGES_PER_SNAPSHOT;
      if (!isOld && locks.messagesSinceSnapshot < most) return;
      if (await compactLocks(bus, locks, now())) return;
      // Not tried again with every command.
      locks.messagesSinceSnapshot = 0;
      logger.warn({ holders: locks.state.requests.size }, 'too many locks to be written anew');
    },
    idle: async () => void (await tail),
  };
  return keeper;
}

/** Applies the inputs one after the other; a request that is no good is refused to whoever made it. */
function stepAll(
  { state }: LoadedLocks,
  inputs: readonly LockInput[],
): { readonly facts: readonly LockFact[]; readonly effects: readonly LockEffect[] } {
  const facts: LockFact[] = [];
  const effects: LockEffect[] = [];
  for (const input of inputs) {
    const step = stepLocks(state, input);
    if (step.ok) {
      for (const fact of step.value.facts) facts.push(fact);
      for (const effect of step.value.effects) effects.push(effect);
    } else if (input.kind === 'Acquire') {
      const { uid, holder } = input.request;
      const outcome = { kind: 'Refused', message: step.error.message } as const;
      effects.push({ kind: 'ReportLocks', uid, holder, outcome });
    }
  }
  return { facts, effects };
}

/** Those that can be read; the others would be as wrong the next time. */
function readCommands(
  batch: readonly Delivery[],
  at: number,
): readonly { readonly delivery: Delivery; readonly input: LockInput }[] {
  return batch.flatMap((delivery) => {
    const input = inputOf(delivery, at);
    if (input !== undefined) return [{ delivery, input }];
    delivery.drop('the command about locks cannot be read');
    return [];
  });
}

function inputOf(delivery: Delivery, at: number): LockInput | undefined {
  try {
    const command = decodeLockCommand(delivery.event.data);
    return command === undefined ? undefined : { ...command, at };
  } catch {
    return undefined;
  }
}

function showCounts({ held, pending }: LockKeeperOptions, { state }: LoadedLocks): void {
  let holders = 0;
  let waiting = 0;
  for (const { standing } of state.requests.values()) {
    if (standing === 'Holding') holders += 1;
    if (standing === 'Queued') waiting += 1;
  }
  held?.set(holders);
  pending?.set(waiting);
}
