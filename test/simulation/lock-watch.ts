// Reads the log of the locks and those of the runs with a model of its own, and says which rule of locks they break.
import { isMutex, lockId, type Fact, type LockFact, type LockKey } from '@argosy/core-workflow';

/** Follows who holds locks by the log of the locks, and who is at work under them by the logs of the runs. */
export interface LockWatch {
  onLockFact(fact: LockFact): readonly string[];
  onRunFact(uid: string, fact: Fact): readonly string[];
  /** A limit of semaphores is this from now on. */
  onLimit(key: string, limit: number): void;
  /** What is held or asked for by the log. */
  open(): readonly string[];
}

interface RunModel {
  nodes: number;
  retries: number;
  /** By node, -1 for the run. */
  readonly locks: Map<number, readonly LockKey[]>;
}

export function createLockWatch(limits: Readonly<Record<string, number>>): LockWatch {
  const requested = new Map<string, readonly LockKey[]>();
  const holding = new Set<string>();
  /** Limits by the log, and all that there ever were. */
  const logged = new Map<string, number>();
  const ever = new Map(Object.entries(limits).map(([key, limit]) => [key, new Set([limit])]));
  const runs = new Map<string, RunModel>();
  /** Locks of those who are at work, by holder. */
  const atWork = new Map<string, readonly LockKey[]>();
  const problems: string[] = [];
  const check = (holds: boolean, problem: () => string): void => {
    if (!holds) problems.push(problem());
  };
  const usersOf = (id: string, holders: Iterable<readonly LockKey[]>): number => {
    return [...holders].filter((locks) => locks.some((lock) => lockId(lock) === id)).length;
  };

  const grant = (holder: string): void => {
    check(!holding.has(holder), () => `${holder} is given its locks twice`);
    holding.add(holder);
    for (const lock of requested.get(holder) ?? []) {
      const id = lockId(lock);
      const limit = isMutex(lock) ? 1 : (logged.get(id) ?? 0);
      const held = usersOf(
        id,
        [...holding].map((each) => requested.get(each) ?? []),
      );
      check(held <= limit, () => `${held} hold ${id}, ${limit} are allowed`);
    }
  };

  const applyLockFact = (fact: LockFact): void => {
    switch (fact.kind) {
      case 'LockRequested':
        requested.set(fact.request.holder, fact.request.locks);
        return;
      case 'LockGranted':
        return grant(fact.holder);
      case 'LockReleased':
        check(!atWork.has(fact.holder), () => `${fact.holder} is at work and loses its locks`);
        requested.delete(fact.holder);
        holding.delete(fact.holder);
        return;
      case 'LockLimitSet':
        check(ever.get(fact.lock.key)?.has(fact.limit) === true, () => {
          return `${fact.lock.key} never had the limit ${fact.limit}`;
        });
        logged.set(lockId(fact.lock), fact.limit);
        return;
      case 'LockRefused':
        return check(false, () => `${fact.holder} is refused: ${fact.message}`);
      case 'LocksReset':
        return check(false, () => 'the log is described anew');
    }
  };

  const begin = (uid: string, run: RunModel, node: number): void => {
    const holder = holderOf(uid, run, node);
    const locks = run.locks.get(node) ?? [];
    check(locks.length > 0, () => `${holder} gets locks and has not asked for any`);
    check(!atWork.has(holder), () => `${holder} gets its locks again`);
    check(holding.has(holder), () => `${holder} begins without its locks`);
    atWork.set(holder, locks);
    for (const lock of locks) {
      const most = isMutex(lock) ? 1 : Math.max(...(ever.get(lock.key) ?? [0]));
      const users = usersOf(lockId(lock), atWork.values());
      check(users <= most, () => `${users} are at work under ${lockId(lock)}, at most ${most} may`);
    }
  };

  const applyRunFact = (uid: string, run: RunModel, fact: Fact): void => {
    switch (fact.kind) {
      case 'NodeCreated':
        if (fact.gate?.locks !== undefined) run.locks.set(run.nodes, fact.gate.locks);
        run.nodes += 1;
        return;
      case 'LocksAsked':
        run.locks.set(-1, fact.locks);
        return;
      case 'LocksGranted':
        return begin(uid, run, fact.node);
      case 'NodeAdmitted': {
        const holder = holderOf(uid, run, fact.node);
        const isFree = !run.locks.has(fact.node) || atWork.has(holder);
        return check(isFree, () => `${holder} is let in without its locks`);
      }
      case 'NodeFinished':
        atWork.delete(holderOf(uid, run, fact.node));
        return;
      case 'RunFinished':
        for (const node of run.locks.keys()) atWork.delete(holderOf(uid, run, node));
        return;
      case 'RunRetried':
        run.retries += 1;
        return;
      default:
    }
  };

  return {
    onLockFact(fact) {
      problems.length = 0;
      applyLockFact(fact);
      return [...problems];
    },
    onRunFact(uid, fact) {
      problems.length = 0;
      const run = runs.get(uid) ?? { nodes: 0, retries: 0, locks: new Map() };
      runs.set(uid, run);
      applyRunFact(uid, run, fact);
      return [...problems];
    },
    onLimit: (key, limit) => void ever.get(key)?.add(limit),
    open: () => [...requested.keys()],
  };
}

function holderOf(uid: string, { retries }: RunModel, node: number): string {
  return `${uid}_${node < 0 ? 'run' : node}_${retries}`;
}
