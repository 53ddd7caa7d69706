import type { Task, TaskReport } from '@argosy/core-workflow';
import { outcomeOf } from './behaviour.ts';
import { LATENCY_MS, type StoredTask } from './bus.ts';
import type { World } from './world.ts';

/** Executors run tasks, report how they end, and acknowledge last. */
export interface Executors {
  /** Something may be in the queue. */
  wake(): void;
  /** Asks whoever has the task to end it; false when nobody has. */
  cancel(taskId: string): boolean;
  running(): Iterable<Task>;
  /** How often each task was begun. */
  readonly begun: ReadonlyMap<string, number>;
}

interface Running {
  readonly stored: StoredTask;
  /** Its executor still tells the queue that it is at work. */
  isAlive: boolean;
  isEnded: boolean;
}

/** A task whose executor says nothing for this long is handed to another; milliseconds. */
const TASK_ACK_WAIT_MS = 10_000;
/** Tasks that end sooner are not reported as started; milliseconds. */
const STARTED_DELAY_MS = 25;
const CANCELLED_AFTER_MS = 20;
const DEADLINE_MESSAGE = 'Pod was active on the node longer than the specified deadline';
const SECOND_MS = 1_000;

interface Executor {
  readonly name: string;
  readonly running: Map<string, Running>;
  downUntil: number;
}

export function createExecutors(world: World, count: number): Executors {
  const { agenda, bus, faults, scenario } = world;
  const executors = Array.from({ length: count }, (_, index): Executor => {
    return { name: `executor-${index}`, running: new Map(), downUntil: 0 };
  });
  const begun = new Map<string, number>();
  const planned = new Set<StoredTask>();

  const report = (task: Task, told: Omit<TaskReport, 'taskId'>, id: string): void => {
    const order = { kind: 'Report', report: { ...told, taskId: task.taskId } } as const;
    bus.publishCommand(task.uid, `${task.taskId}-${id}`, order);
  };

  /** News of a task may be lost: nothing depends on it but what people see, except with daemons. */
  const tellStarted = (executor: Executor, { task }: StoredTask): void => {
    if (task.template.daemon !== true && faults.at('LoseNews') !== undefined) return;
    const started = { kind: 'Started', podIP: '127.0.0.1', hostNodeName: executor.name } as const;
    report(task, started, `started-${executor.name}`);
  };

  const finish = (
    executor: Executor,
    entry: Running,
    told: Omit<TaskReport, 'taskId' | 'kind'>,
  ): void => {
    if (entry.isEnded) return;
    entry.isEnded = true;
    const { taskId } = entry.stored.task;
    world.trace(() => `${executor.name} ends ${taskId} ${told.phase ?? ''}`);
    if (executor.running.get(taskId) === entry) executor.running.delete(taskId);
    report(entry.stored.task, { ...told, kind: 'Finished' }, 'finished');
    if (entry.isAlive && faults.at('LoseTaskAck') === undefined) bus.removeTask(taskId);
    else makeVisible(entry.stored, TASK_ACK_WAIT_MS);
  };

  const begin = (executor: Executor, stored: StoredTask): void => {
    const { task } = stored;
    const entry: Running = { stored, isAlive: true, isEnded: false };
    executor.running.set(task.taskId, entry);
    begun.set(task.taskId, (begun.get(task.taskId) ?? 0) + 1);
    world.trace(() => `${executor.name} begins ${task.taskId}`);
    world.onTaskBegun(task);
    const outcome = outcomeOf(scenario, task);
    const deadlineMs = remainingMs(task, agenda.now);
    const endsByItself = !outcome.hangs && outcome.durationMs < deadlineMs;
    const tookMs = endsByItself ? outcome.durationMs : deadlineMs;
    const isHeld = (): boolean => executor.running.get(task.taskId) === entry;
    if (tookMs > STARTED_DELAY_MS) {
      agenda.after(STARTED_DELAY_MS, () => {
        if (isHeld() && !entry.isEnded) tellStarted(executor, stored);
      });
    }
    if (tookMs !== Infinity) {
      agenda.after(tookMs, () => {
        if (!isHeld()) return;
        const late = { phase: 'Failed', message: DEADLINE_MESSAGE } as const;
        finish(executor, entry, endsByItself ? outcome.report : late);
      });
    }
    const freeze = faults.at('ExecutorFreezes');
    if (freeze !== undefined) {
      entry.isAlive = false;
      makeVisible(stored, TASK_ACK_WAIT_MS);
    }
    const death = faults.at('ExecutorDies');
    if (death !== undefined) agenda.after(world.latencyMs(50), () => die(executor, death.downMs));
  };

  const die = (executor: Executor, downMs: number): void => {
    world.trace(() => `${executor.name} dies for ${downMs} ms`);
    const lost = [...executor.running.values()];
    executor.running.clear();
    executor.downUntil = agenda.now + downMs;
    for (const entry of lost) {
      entry.isEnded = true;
      makeVisible(entry.stored, TASK_ACK_WAIT_MS);
    }
    agenda.after(downMs, () => wake());
  };

  const makeVisible = (stored: StoredTask, delayMs: number): void => {
    stored.visibleAt = agenda.now + delayMs;
    planned.delete(stored);
    wake();
  };

  const deliver = (stored: StoredTask): void => {
    const { taskId } = stored.task;
    if (bus.taskOf(taskId) !== stored) return;
    const alive = executors.filter(({ downUntil }) => downUntil <= agenda.now);
    const executor = alive[world.chooseBelow(alive.length)];
    if (executor === undefined) return makeVisible(stored, SECOND_MS);
    stored.deliveries += 1;
    stored.visibleAt = Infinity;
    const atWork = executor.running.get(taskId);
    if (atWork !== undefined) {
      atWork.isAlive = true;
      return;
    }
    if ((stored.deliveries > 1 || stored.isRepeated) && bus.isReported(taskId)) {
      bus.removeTask(taskId);
      return;
    }
    begin(executor, stored);
  };

  const wake = (): void => {
    for (const stored of bus.tasks()) {
      if (stored.visibleAt === Infinity || planned.has(stored)) continue;
      planned.add(stored);
      const { visibleAt } = stored;
      agenda.after(Math.max(visibleAt - agenda.now, world.latencyMs(LATENCY_MS)), () => {
        // It was put off again meanwhile.
        if (stored.visibleAt !== visibleAt) return;
        planned.delete(stored);
        deliver(stored);
      });
    }
  };

  return {
    wake,
    begun,
    cancel(taskId) {
      let isFound = false;
      for (const executor of executors) {
        const entry = executor.running.get(taskId);
        if (entry === undefined) continue;
        isFound = true;
        agenda.after(CANCELLED_AFTER_MS, () => {
          if (executor.running.get(taskId) !== entry) return;
          finish(executor, entry, { phase: 'Failed', message: 'ended on request' });
        });
      }
      return isFound;
    },
    *running() {
      for (const { running } of executors) {
        for (const { stored } of running.values()) yield stored.task;
      }
    },
  };
}

/** How long a task may go on from now. */
function remainingMs(task: Task, now: number): number {
  const { activeDeadlineSeconds } = task.template;
  const own = activeDeadlineSeconds === undefined ? Infinity : Number(activeDeadlineSeconds);
  return Math.max(0, Math.min((task.deadlineAtMs ?? Infinity) - now, own * SECOND_MS));
}
