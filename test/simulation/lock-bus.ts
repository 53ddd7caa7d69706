import { decodeLockFacts, encodeLockFacts, type LockCommand } from '@argosy/api';
import { isMutex, type LockFact, type LockKey } from '@argosy/core-workflow';
import type { Agenda } from './agenda.ts';
import { COMMAND_ACK_WAIT_MS, ConflictError, LATENCY_MS } from './bus.ts';
import type { Faults } from './faults.ts';
import type { Scenario } from './scenario.ts';

/** A command about locks in the stream, until it is acknowledged. */
export interface StoredLockCommand {
  readonly command: LockCommand;
  visibleAt: number;
  isAcked: boolean;
}

/** What is stored about locks: their log, the commands that nobody has acknowledged, the limits as they are set. */
export interface LockBus {
  /** @throws ConflictError when the last message of the log is not the expected one. */
  append(expected: number, facts: readonly LockFact[]): number;
  read(): { readonly facts: readonly LockFact[]; readonly sequence: number };
  publish(command: LockCommand): void;
  fetch(max: number): readonly StoredLockCommand[];
  /** When the next command becomes visible; undefined when there is none. */
  nextAt(): number | undefined;
  /** @throws Error for a semaphore that the scenario has no limit for. */
  limitOf(lock: LockKey): number;
  setLimit(key: string, limit: number): void;
}

export interface LockBusOptions {
  readonly agenda: Agenda;
  readonly faults: Faults;
  readonly scenario: Scenario;
  readonly onFacts: (facts: readonly LockFact[]) => void;
  readonly onCommand: () => void;
}

export function createLockBus(options: LockBusOptions): LockBus {
  const { agenda, faults, scenario } = options;
  const messages: (readonly LockFact[] | Uint8Array)[] = [];
  const limits = new Map(Object.entries(scenario.locks?.limits ?? {}));
  let commands: StoredLockCommand[] = [];
  const store = (command: LockCommand, delayMs: number): void => {
    commands.push({ command, visibleAt: agenda.now + delayMs, isAcked: false });
    options.onCommand();
  };
  return {
    append(expected, facts) {
      if (messages.length !== expected) {
        throw new ConflictError(`locks: ${messages.length} instead of ${expected}`);
      }
      messages.push(scenario.isEncoded ? encodeLockFacts(facts) : facts);
      options.onFacts(facts);
      return messages.length;
    },
    read() {
      const facts = messages.flatMap((stored) => {
        return stored instanceof Uint8Array ? decodeLockFacts(stored) : stored;
      });
      return { facts, sequence: messages.length };
    },
    publish(command) {
      store(command, LATENCY_MS + (faults.at('DelayLockCommand')?.byMs ?? 0));
      const twice = faults.at('DuplicateLockCommand');
      if (twice !== undefined) store(command, twice.byMs);
    },
    fetch(max) {
      commands = commands.filter(({ isAcked }) => !isAcked);
      const visible = commands.filter(({ visibleAt }) => visibleAt <= agenda.now).slice(0, max);
      for (const command of visible) command.visibleAt = agenda.now + COMMAND_ACK_WAIT_MS;
      return visible;
    },
    nextAt() {
      let next: number | undefined;
      for (const { isAcked, visibleAt } of commands) {
        if (!isAcked && (next === undefined || visibleAt < next)) next = visibleAt;
      }
      return next;
    },
    limitOf(lock) {
      if (isMutex(lock)) return 1;
      const limit = limits.get(lock.key);
      if (limit === undefined) throw new Error(`the scenario has no limit for ${lock.key}`);
      return limit;
    },
    setLimit(key, limit) {
      limits.set(key, limit);
    },
  };
}
