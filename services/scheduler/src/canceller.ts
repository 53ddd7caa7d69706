import { BUCKETS, ExecutorControlService, STREAMS, taskSubject, textOfToken } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import { createRpcClient } from '@argosy/rpc';
import type { Logger } from '@argosy/telemetry';
import { CANCEL_REPEAT_MS } from './config.ts';

export interface Cancellation {
  readonly taskId: string;
  readonly uid: string;
  readonly reason: string;
}

/** Tells executors to end tasks, again and again until the task's report has arrived. */
export interface Canceller {
  /** Begins; does nothing when this task is being cancelled already. */
  cancel(cancellation: Cancellation): void;
  /** The task has reported: nothing more to tell. */
  settled(taskId: string): void;
  /** The executor that said it runs the task; asked first. */
  runsOn(taskId: string, executor: string): void;
  stop(): void;
}

const CALL_DEADLINE_MS = 2_000;

type ExecutorClient = ReturnType<typeof createRpcClient<typeof ExecutorControlService>>;

export function createCanceller(options: {
  readonly bus: Bus;
  readonly pool: string;
  readonly logger: Logger;
  /** Called when nobody has the task: it was waiting and is now out of the queue. */
  readonly onNeverRan: (cancellation: Cancellation) => void;
}): Canceller {
  const pending = new Map<
    string,
    { readonly cancellation: Cancellation; timer?: NodeJS.Timeout }
  >();
  const executorOf = new Map<string, string>();
  const clients = new Map<string, ExecutorClient>();
  let stopped = false;

  const attempt = async (cancellation: Cancellation): Promise<void> => {
    const found = await tellExecutors(cancellation);
    const entry = pending.get(cancellation.taskId);
    if (entry === undefined || stopped) return;
    if (!found) {
      for (const priority of ['high', 'normal'] as const) {
        const subject = taskSubject(options.pool, priority, cancellation.taskId);
        await options.bus.purge(STREAMS.tasks, subject);
      }
      options.onNeverRan(cancellation);
    }
    entry.timer = setTimeout(() => start(cancellation), CANCEL_REPEAT_MS);
  };

  const start = (cancellation: Cancellation): void => {
    attempt(cancellation).catch((thrown: unknown) => {
      const { message } = ArgosyError.fromUnknown(thrown);
      options.logger.warn({ taskId: cancellation.taskId, message }, 'task not cancelled yet');
      const entry = pending.get(cancellation.taskId);
      if (entry === undefined || stopped) return;
      entry.timer = setTimeout(() => start(cancellation), CANCEL_REPEAT_MS);
    });
  };

  /** Asks the executor that has the task, or all of them when that is not known. */
  const tellExecutors = async (cancellation: Cancellation): Promise<boolean> => {
    const addresses = await executorAddresses(options.bus);
    const known = executorOf.get(cancellation.taskId);
    const asked = known !== undefined && addresses.has(known) ? [known] : [...addresses.keys()];
    const answers = await Promise.all(
      asked.map((executor) => tell(addresses.get(executor) ?? '', cancellation)),
    );
    return answers.includes(true);
  };

  const tell = async (address: string, cancellation: Cancellation): Promise<boolean> => {
    const client = clients.get(address) ?? createRpcClient(ExecutorControlService, address);
    clients.set(address, client);
    try {
      const { found } = await client.cancelTask(
        { taskId: cancellation.taskId, reason: cancellation.reason },
        { deadlineMs: CALL_DEADLINE_MS },
      );
      return found;
    } catch (thrown) {
      const { message } = ArgosyError.fromUnknown(thrown);
      options.logger.debug({ address, message }, 'executor did not answer');
      return false;
    }
  };

  return {
    cancel(cancellation) {
      if (pending.has(cancellation.taskId) || stopped) return;
      pending.set(cancellation.taskId, { cancellation });
      start(cancellation);
    },
    settled(taskId) {
      clearTimeout(pending.get(taskId)?.timer);
      pending.delete(taskId);
      executorOf.delete(taskId);
    },
    runsOn: (taskId, executor) => void executorOf.set(taskId, executor),
    stop() {
      stopped = true;
      for (const { timer } of pending.values()) clearTimeout(timer);
      pending.clear();
      for (const client of clients.values()) client.close();
    },
  };
}

/** Executors that are alive, by id: each keeps `executor.<id>` in the leases. */
async function executorAddresses(bus: Bus): Promise<ReadonlyMap<string, string>> {
  const bucket = await bus.keyValue(BUCKETS.leases);
  const addresses = new Map<string, string>();
  for (const key of await bucket.keys('executor.*')) {
    const entry = await bucket.get(key);
    if (entry?.value === undefined) continue;
    const { rpcAddress } = JSON.parse(new TextDecoder().decode(entry.value)) as {
      rpcAddress?: string;
    };
    const executor = textOfToken(key.slice('executor.'.length));
    if (rpcAddress !== undefined) addresses.set(executor, rpcAddress);
  }
  return addresses;
}
