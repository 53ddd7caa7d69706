import {
  BUCKETS,
  ExecutorControlService,
  STREAMS,
  TASK_LANES,
  taskSubject,
  textOfToken,
} from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import { createRpcClient, type RpcClient } from '@argosy/rpc';
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
  /** Whether a task of the run is still to be ended. */
  isCancelling(uid: string): boolean;
  /** The executor that said it runs the task of that run; asked first. */
  runsOn(taskId: string, executor: string, uid: string): void;
  /** Leaves the tasks of these runs to another replica, which finds them owed. */
  forgetWhere(isMeant: (uid: string) => boolean): void;
  stop(): void;
}

const CALL_DEADLINE_MS = 2_000;

interface CancellerOptions {
  readonly bus: Bus;
  readonly pool: string;
  readonly logger: Logger;
  /** Called when nobody has the task: it was waiting and is now out of the queue. */
  readonly onNeverRan: (cancellation: Cancellation) => void;
}

interface Pending {
  readonly cancellation: Cancellation;
  timer?: NodeJS.Timeout;
}

export function createCanceller(options: CancellerOptions): Canceller {
  const pending = new Map<string, Pending>();
  const executorOf = new Map<string, { readonly executor: string; readonly uid: string }>();
  const callers = createExecutorCallers(options.logger);
  let stopped = false;

  const attempt = async (cancellation: Cancellation): Promise<void> => {
    const { taskId } = cancellation;
    const found = await tellExecutors(options.bus, callers, {
      cancellation,
      known: executorOf.get(taskId)?.executor,
    });
    if (found || stopped || !pending.has(taskId)) return;
    for (const lane of TASK_LANES) {
      await options.bus.purge(STREAMS.tasks, taskSubject(options.pool, lane, taskId));
    }
    options.onNeverRan(cancellation);
  };

  const start = (cancellation: Cancellation): void => {
    const { taskId } = cancellation;
    const again = attempt(cancellation).catch((thrown: unknown) => {
      const { message } = ArgosyError.fromUnknown(thrown);
      options.logger.warn({ taskId, message }, 'task not cancelled yet');
    });
    void again.then(() => {
      const entry = pending.get(taskId);
      if (entry === undefined || stopped) return;
      entry.timer = setTimeout(() => start(cancellation), CANCEL_REPEAT_MS);
    });
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
    runsOn: (taskId, executor, uid) => void executorOf.set(taskId, { executor, uid }),
    isCancelling: (uid) => [...pending.values()].some((each) => each.cancellation.uid === uid),
    forgetWhere(isMeant) {
      for (const [taskId, { cancellation, timer }] of pending) {
        if (!isMeant(cancellation.uid)) continue;
        clearTimeout(timer);
        pending.delete(taskId);
      }
      for (const [taskId, { uid }] of executorOf) if (isMeant(uid)) executorOf.delete(taskId);
    },
    stop() {
      stopped = true;
      for (const { timer } of pending.values()) clearTimeout(timer);
      pending.clear();
      callers.close();
    },
  };
}

/** Asks the executor that has the task, or all of them when that is not known. */
async function tellExecutors(
  bus: Bus,
  callers: ExecutorCallers,
  {
    cancellation,
    known,
  }: { readonly cancellation: Cancellation; readonly known?: string | undefined },
): Promise<boolean> {
  const addresses = await executorAddresses(bus);
  callers.keepOnly(new Set(addresses.values()));
  const asked = known !== undefined && addresses.has(known) ? [known] : [...addresses.keys()];
  const answers = await Promise.all(
    asked.map((executor) => callers.tell(addresses.get(executor) ?? '', cancellation)),
  );
  return answers.includes(true);
}

interface ExecutorCallers {
  /** True when the executor at this address has the task and ends it. */
  tell(address: string, cancellation: Cancellation): Promise<boolean>;
  /** Closes the connections to executors that are gone. */
  keepOnly(alive: ReadonlySet<string>): void;
  close(): void;
}

function createExecutorCallers(logger: Logger): ExecutorCallers {
  const clients = new Map<string, RpcClient<typeof ExecutorControlService>>();
  return {
    async tell(address, { taskId, reason }) {
      const client = clients.get(address) ?? createRpcClient(ExecutorControlService, address);
      clients.set(address, client);
      try {
        const answer = await client.cancelTask(
          { taskId, reason },
          { deadlineMs: CALL_DEADLINE_MS },
        );
        return answer.found;
      } catch (thrown) {
        const { message } = ArgosyError.fromUnknown(thrown);
        logger.debug({ address, message }, 'executor did not answer');
        return false;
      }
    },
    keepOnly(alive) {
      for (const [address, client] of clients) {
        if (alive.has(address)) continue;
        clients.delete(address);
        client.close();
      }
    },
    close() {
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
