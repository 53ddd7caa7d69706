import { ArgosyError } from '@argosy/base';
import type { RunSummary } from '@argosy/core-workflow';
import { runHistory } from '../runs/run-history.ts';
import type { RunTools } from '../runs/run-objects.ts';
import { createRunEventWriter, type RunEvent } from './run-events.ts';

/** Runs of a namespace that one reader follows at once; what others do is not told meanwhile. */
const RUNS_FOLLOWED_MAX = 500;
/** Events that wait for a slow reader; the following of runs pauses then. */
const WAITING_MAX = 1_000;

/**
 * The events of one run, from its begin; the stream stays open when the run has ended, because it may be retried.
 * Nothing is recorded for them: the history of the run tells them.
 * @throws ArgosyError NOT_FOUND
 */
export async function* eventsOfRun(
  tools: RunTools,
  run: RunSummary,
  signal: AbortSignal,
): AsyncIterable<RunEvent> {
  let seen = 0;
  while (!signal.aborted) {
    const writer = createRunEventWriter(run);
    const { namespace, name } = run;
    for await (const lines of runHistory(tools, { namespace, name, follow: true }, signal)) {
      for (const { entry } of lines) {
        const events = writer.describe(entry);
        if (entry.sequence <= seen) continue;
        seen = entry.sequence;
        yield* events;
      }
    }
    await untilLive(tools, run, signal);
  }
}

/** Waits until a finished run goes on again. @throws ArgosyError NOT_FOUND when it is gone. */
function untilLive(tools: RunTools, run: RunSummary, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const now = tools.index.get(run.namespace, run.name);
      if (now?.uid !== run.uid) {
        finish();
        reject(new ArgosyError('NOT_FOUND', `Workflow "${run.name}" is gone.`));
      } else if (now.finishedAt === undefined) {
        finish();
        resolve();
      }
    };
    const onAbort = (): void => {
      finish();
      resolve();
    };
    const finish = (): void => {
      stopListening();
      signal.removeEventListener('abort', onAbort);
    };
    const stopListening = tools.index.onChange(look);
    signal.addEventListener('abort', onAbort, { once: true });
    // The index may still show the end that was just left behind: only changes count.
    if (signal.aborted) onAbort();
  });
}

/** The events of all runs of a namespace (or of all) from now on; of runs that are live now, from their begin. */
export async function* eventsOfRuns(
  tools: RunTools,
  namespace: string,
  signal: AbortSignal,
): AsyncIterable<RunEvent> {
  const queue = createQueue(signal);
  const followed = new Set<string>();
  const follow = async (run: RunSummary): Promise<void> => {
    followed.add(run.uid);
    const writer = createRunEventWriter(run);
    const request = { namespace: run.namespace, name: run.name, follow: true };
    try {
      for await (const lines of runHistory(tools, request, signal)) {
        for (const { entry } of lines) {
          for (const event of writer.describe(entry)) await queue.add(event);
        }
      }
    } finally {
      followed.delete(run.uid);
    }
  };
  const look = (run: RunSummary | undefined): void => {
    if (run === undefined || run.finishedAt !== undefined || followed.has(run.uid)) return;
    if (namespace !== '' && run.namespace !== namespace) return;
    if (followed.size >= RUNS_FOLLOWED_MAX) return;
    // A run that vanishes has no more events.
    follow(run).catch(() => undefined);
  };
  const stopListening = tools.index.onChange((key) => look(tools.index.byKey(key)));
  try {
    for (const [, run] of tools.index.all()) look(run);
    yield* queue.all();
  } finally {
    stopListening();
  }
}

interface EventQueue {
  /** Resolves when there is room for more. */
  add(event: RunEvent): Promise<void>;
  all(): AsyncIterable<RunEvent>;
}

function createQueue(signal: AbortSignal): EventQueue {
  const waiting: RunEvent[] = [];
  let wakeReader = (): void => undefined;
  let wakeWriters = (): void => undefined;
  let room = Promise.resolve();
  signal.addEventListener(
    'abort',
    () => {
      wakeReader();
      wakeWriters();
    },
    { once: true },
  );
  return {
    async add(event) {
      waiting.push(event);
      wakeReader();
      if (waiting.length === WAITING_MAX) {
        room = new Promise((resolve) => {
          wakeWriters = resolve;
        });
      }
      if (!signal.aborted) await room;
    },
    async *all() {
      while (!signal.aborted) {
        yield* waiting.splice(0);
        wakeWriters();
        room = Promise.resolve();
        if (waiting.length > 0) continue;
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
          if (signal.aborted) resolve();
        });
      }
    },
  };
}
