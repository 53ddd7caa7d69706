import { decodeFacts, encodeFacts } from '@argosy/api';
import { partitionOf } from '@argosy/base';
import type {
  ControlCommand,
  Fact,
  LockOutcome,
  RunHeader,
  RunSummary,
  Task,
  TaskReport,
} from '@argosy/core-workflow';
import type { Agenda } from './agenda.ts';
import type { Faults } from './faults.ts';

/** What a command asks of the owner of a run. */
export type Order =
  | { readonly kind: 'Submit'; readonly run: RunHeader }
  | { readonly kind: 'Report'; readonly report: TaskReport }
  | { readonly kind: 'Control'; readonly command: ControlCommand }
  | { readonly kind: 'Locks'; readonly holder: string; readonly outcome: LockOutcome };

/** A command in the stream, until it is acknowledged. */
export interface StoredCommand {
  readonly uid: string;
  readonly order: Order;
  deliveries: number;
  /** Handed to nobody before this instant. */
  visibleAt: number;
  isAcked: boolean;
}

/** A task in the work queue. */
export interface StoredTask {
  readonly task: Task;
  /** Sent by an owner who does not know whether it was sent before. */
  readonly isRepeated: boolean;
  deliveries: number;
  visibleAt: number;
}

/** A run in the index. */
export interface IndexEntry extends Pick<RunSummary, 'uid' | 'finishedAt' | 'phase' | 'progress'> {
  /** How far in the log the entry is. */
  readonly sequence: number;
  /** Tasks are still to be ended. */
  readonly isCancelling: boolean;
}

interface FactMessage {
  readonly sequence: number;
  readonly messageId: string;
  readonly epoch: number;
  readonly facts: readonly Fact[] | Uint8Array;
}

/** Another message came first: whoever appended is not the owner any more, or does not know all. */
export class ConflictError extends Error {}

/** The run is not ours to work on: somebody else owns its partition by now. */
export class NotOwnerError extends Error {}

/** The answer did not come; the message may be stored or not. */
export class UnheardError extends Error {}

/** The streams of the bus in virtual time: what is stored stays stored, everything else may go wrong. */
export interface SimulatedBus {
  /** @throws ConflictError when the last message of the run is not the expected one. */
  append(uid: string, message: AppendMessage): number;
  readFacts(uid: string): StoredLog;
  publishCommand(uid: string, messageId: string, order: Order): void;
  /** Takes what is visible, in order; it becomes visible again unless it is acknowledged in time. */
  fetchCommands(partition: number, max: number): readonly StoredCommand[];
  /** When the next command of the partition becomes visible; undefined when there is none. */
  nextCommandAt(partition: number): number | undefined;
  isReported(taskId: string): boolean;
  publishTask(task: Task, isRepeated: boolean): void;
  taskOf(taskId: string): StoredTask | undefined;
  tasks(): Iterable<StoredTask>;
  removeTask(taskId: string): void;
  /** The index of runs. */
  readonly index: Map<string, IndexEntry>;
  readonly uids: () => Iterable<string>;
}

/** What is stored of a run. */
export interface StoredLog {
  readonly facts: readonly Fact[];
  /** Of the last message; 0 when there is none. */
  readonly sequence: number;
  /** Ownership under which the last message was written. */
  readonly epoch: number;
}

export interface AppendMessage {
  readonly expected: number;
  readonly messageId: string;
  /** Ownership of the partition by which the writer writes; a later one has a higher number. */
  readonly epoch: number;
  readonly facts: readonly Fact[];
}

/** A message with an id that came less than this long ago is not stored again; milliseconds. */
const DUPLICATE_WINDOW_MS = 10 * 60_000;
/** A command that is not acknowledged for this long is handed out again; milliseconds. */
export const COMMAND_ACK_WAIT_MS = 5_000;
/** The way over the network, in milliseconds. */
export const LATENCY_MS = 1;

export interface BusOptions {
  readonly agenda: Agenda;
  readonly faults: Faults;
  readonly partitions: number;
  readonly isEncoded: boolean;
  /** Called with everything that is stored, in order. */
  readonly onFacts: (uid: string, facts: readonly Fact[]) => void;
  readonly onCommand: (partition: number) => void;
  /** Called with every task that is stored; one that is known already is not. */
  readonly onTask: (task: Task) => void;
}

export function createSimulatedBus(options: BusOptions): SimulatedBus {
  const { agenda, faults } = options;
  const facts = new Map<string, FactMessage[]>();
  const commands = Array.from({ length: options.partitions }, (): StoredCommand[] => []);
  const reported = new Set<string>();
  const tasks = new Map<string, StoredTask>();
  const index: SimulatedBus['index'] = new Map();
  const known = new Map<string, number>();
  let sequence = 0;

  /** Whether a message with this id was stored a short time ago; remembers it otherwise. */
  const isDuplicate = (stream: string, messageId: string): boolean => {
    const key = `${stream}/${messageId}`;
    const until = known.get(key);
    if (until !== undefined && until > agenda.now) return true;
    known.set(key, agenda.now + DUPLICATE_WINDOW_MS);
    return false;
  };
  const storeCommand = (uid: string, order: Order, delayMs: number): void => {
    const partition = partitionOf(uid, options.partitions);
    const visibleAt = agenda.now + delayMs;
    commands[partition]?.push({ uid, order, deliveries: 0, visibleAt, isAcked: false });
    if (order.kind === 'Report' && order.report.kind === 'Finished') {
      reported.add(order.report.taskId);
    }
    options.onCommand(partition);
  };

  return {
    index,
    append(uid, { expected, messageId, epoch, facts: appended }) {
      const messages = facts.get(uid) ?? [];
      const last = messages.at(-1);
      // The expected sequence is compared before the id; the last message may be this very one.
      if ((last?.sequence ?? 0) !== expected) {
        if (last?.messageId === messageId) return last.sequence;
        throw new ConflictError(`${uid}: ${last?.sequence ?? 0} instead of ${expected}`);
      }
      sequence += 1;
      const data = options.isEncoded ? encodeFacts(appended) : appended;
      messages.push({ sequence, messageId, epoch, facts: data });
      facts.set(uid, messages);
      options.onFacts(uid, appended);
      return sequence;
    },
    readFacts(uid) {
      const messages = facts.get(uid) ?? [];
      const all = messages.flatMap(({ facts: stored }) => {
        return stored instanceof Uint8Array ? decodeFacts(stored) : stored;
      });
      const last = messages.at(-1);
      return { facts: all, sequence: last?.sequence ?? 0, epoch: last?.epoch ?? 0 };
    },
    publishCommand(uid, messageId, order) {
      if (isDuplicate('commands', messageId)) return;
      storeCommand(uid, order, LATENCY_MS + (faults.at('DelayCommand')?.byMs ?? 0));
      const twice = faults.at('DuplicateCommand');
      if (twice !== undefined) storeCommand(uid, order, twice.byMs);
    },
    fetchCommands(partition, max) {
      const queue = commands[partition] ?? [];
      const taken: StoredCommand[] = [];
      let isAnyAcked = false;
      for (const command of queue) {
        if (command.isAcked) isAnyAcked = true;
        else if (command.visibleAt <= agenda.now && taken.length < max) {
          command.visibleAt = agenda.now + COMMAND_ACK_WAIT_MS;
          command.deliveries += 1;
          taken.push(command);
        }
      }
      if (isAnyAcked) commands[partition] = queue.filter(({ isAcked }) => !isAcked);
      return taken;
    },
    nextCommandAt(partition) {
      let next: number | undefined;
      for (const { isAcked, visibleAt } of commands[partition] ?? []) {
        if (!isAcked && (next === undefined || visibleAt < next)) next = visibleAt;
      }
      return next;
    },
    isReported: (taskId) => reported.has(taskId),
    publishTask(task, isRepeated) {
      if (tasks.has(task.taskId) || isDuplicate('tasks', task.taskId)) return;
      const visibleAt = agenda.now + LATENCY_MS + (faults.at('DelayTask')?.byMs ?? 0);
      tasks.set(task.taskId, { task, isRepeated, deliveries: 0, visibleAt });
      options.onTask(task);
    },
    taskOf: (taskId) => tasks.get(taskId),
    tasks: () => tasks.values(),
    removeTask: (taskId) => void tasks.delete(taskId),
    uids: () => facts.keys(),
  };
}
