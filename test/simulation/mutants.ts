/** One deliberate mistake: a text of the core or of the simulated shell is replaced by another. */
export interface Mutant {
  /** What the mistake is. */
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

const core = 'libs/core-workflow/src';
const shell = 'test/simulation/scheduler.ts';
const keeper = 'test/simulation/lock-keeper.ts';

/** Each has to be found out by the simulation; a text that the file does not hold any more is an error. */
export const mutants: readonly Mutant[] = [
  {
    name: 'a report that comes twice counts twice',
    file: `${core}/decide/report-task.ts`,
    find: 'node.dropped || isFulfilled(node.phase)) return ok([]);',
    replace: 'node.dropped) return ok([]);',
  },
  {
    name: 'a DAG takes a failed dependency for a succeeded one',
    file: `${core}/decide/dag.ts`,
    find: "node.phase === 'Succeeded' || node.phase === 'Skipped' || node.daemoned) return true;",
    replace: "node.phase !== 'Omitted' || node.daemoned) return true;",
  },
  {
    name: 'one pod more than the parallelism of the run',
    file: `${core}/decide/draft.ts`,
    find: 'state.activePods + draft.pods >= limit',
    replace: 'state.activePods + draft.pods > limit',
  },
  {
    name: 'one child more than the parallelism of a template',
    file: `${core}/decide/draft.ts`,
    find: 'active < parallelism ?',
    replace: 'active <= parallelism ?',
  },
  {
    name: 'retries count one less',
    file: `${core}/decide/retry.ts`,
    find: 'done > limits.value.limit',
    replace: 'done >= limits.value.limit',
  },
  {
    name: 'a loop loses its last item',
    file: `${core}/decide/loop.ts`,
    find: 'return ok((items.value as readonly unknown[]).map(canonicalJson));',
    replace: 'return ok((items.value as readonly unknown[]).slice(0, -1).map(canonicalJson));',
  },
  {
    name: 'the exit handler of the run is passed over',
    file: `${core}/decide/run.ts`,
    find: "if (state.hooks.started.has('exit') || state.shutdown === 'Terminate') return false;",
    replace: "if (state.hooks.started.has('exit') || state.shutdown !== '') return false;",
  },
  {
    name: 'daemons are not ended with what encloses them',
    file: `${core}/evolve/node-changed.ts`,
    find: "  state.outbox.push({ kind: 'Cancel', node: node.index, reason: 'Daemon' });",
    replace: '',
  },
  {
    name: 'a settled child is told to its group twice',
    file: `${core}/evolve/mark.ts`,
    find: '  if (node.settled) return;\n  node.settled = true;',
    replace: '  node.settled = true;',
  },
  {
    name: 'a group of steps ends when one child is left',
    file: `${core}/decide/steps.ts`,
    find: '  if (group.open > 0) return;\n  finishGroup(draft, node);',
    replace: '  if (group.open > 1) return;\n  finishGroup(draft, node);',
  },
  {
    name: 'the run ends before its exit handler has',
    file: `${core}/decide/run.ts`,
    find: "startCall(draft, table.exit.call, 'runHook', 'exit');\n    waiting = true;",
    replace: "startCall(draft, table.exit.call, 'runHook', 'exit');",
  },
  {
    name: 'timers are not owed after a crash',
    file: `${core}/owed/owed.ts`,
    find: "if (at !== undefined) yield { kind: 'WakeAt', at };",
    replace: 'if (at === 0) return;',
  },
  {
    name: 'tasks are not owed after a crash',
    file: `${core}/owed/owed.ts`,
    find: "if (isTaskType(node.type)) yield { kind: 'RunTask', task: taskOf(state, node) };",
    replace: 'if (isTaskType(node.type)) continue;',
  },
  {
    name: 'a waiting child is forgotten when a place becomes free',
    file: `${core}/evolve/mark.ts`,
    find: '  runtime.active -= 1;\n  wakeOne(state, runtime.waiters);',
    replace: '  runtime.active -= 1;\n  runtime.waiters.length = 0;',
  },
  {
    name: 'a finished run is retried without forgetting what ran',
    file: `${core}/evolve/retried.ts`,
    find: '  node.settled = false;\n',
    replace: '',
  },
  {
    name: 'commands are acknowledged before the facts are stored',
    file: shell,
    find: '      if (facts.length === 0) yield* confirm(uid, run);',
    replace: '      for (const command of commands) command.isAcked = true;',
  },
  {
    name: 'effects are performed before the facts are stored',
    file: shell,
    find: '      yield* append(replica, uid, run, facts);\n      for (const { order }',
    replace:
      '      yield* perform(replica, uid, takeOwed(run.state), false);\n' +
      '      yield* append(replica, uid, run, facts);\n      for (const { order }',
  },
  {
    name: 'what a dead owner owed is not done by the next',
    file: shell,
    find: '    yield* perform(replica, uid, effects, true);',
    replace: '',
  },
  {
    name: 'tasks are sent again as if for the first time',
    file: shell,
    find: 'bus.publishTask(effect.task, isRepeated);',
    replace: 'bus.publishTask(effect.task, false);',
  },
  {
    name: 'a stale owner is not fenced',
    file: shell,
    find: 'bus.append(uid, { expected: run.sequence, messageId, epoch, facts });',
    replace: 'bus.append(uid, { expected: bus.readFacts(uid).sequence, messageId, epoch, facts });',
  },
  {
    name: 'nothing to be done is said without knowing all',
    file: shell,
    find: '      if (facts.length === 0) yield* confirm(uid, run);\n',
    replace: '',
  },
  {
    name: 'the state stays in memory though its facts were not stored',
    file: shell,
    find: '      replica.memory.cache.delete(uid);\n      for (const command of commands) {',
    replace: '      for (const command of commands) {',
  },
  {
    name: 'a lock that somebody has is given to the next',
    file: `${core}/locks/evolve.ts`,
    find: 'for (const lock of record.request.locks) lockRecordOf(state, lock).holders.add(holder);',
    replace: '',
  },
  {
    name: 'a node keeps its locks when it ends',
    file: `${core}/evolve/gate.ts`,
    find: '  releaseLocks(state, node.index);\n}',
    replace: '}',
  },
  {
    name: 'locks to be given back are forgotten in a crash',
    file: `${core}/owed/owed.ts`,
    find: "entry.kind === 'Cancel' || entry.kind === 'Release' ||",
    replace: "entry.kind === 'Cancel' ||",
  },
  {
    name: 'locks that come too late are kept',
    file: `${core}/decide/report-locks.ts`,
    find: "outcome.kind === 'Granted' ? [{ kind: 'LocksReturned', at, holder }] : []",
    replace: '[]',
  },
  {
    name: 'what a dead keeper of locks owed is not done by the next',
    file: keeper,
    find: '    yield* perform(memory, [...engine.owedByLocks(memory.state)]);\n',
    replace: '',
  },
  {
    name: 'a keeper of the past acknowledges what it knows nothing of',
    file: keeper,
    find: '    else yield* confirm(memory);\n',
    replace: '',
  },
];
