import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { WorkerAnswer, WorkerTask } from './worker.ts';

/** Several processes that play simulations side by side, one task each at a time. */
export interface Processes {
  readonly count: number;
  /** Resolves with the answer. @throws Error when the process died. */
  ask(task: WorkerTask): Promise<WorkerAnswer>;
  stop(): void;
}

interface Waiting {
  readonly task: WorkerTask;
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** A mutant stays loaded in the process that looked for it, so a process is used for one task only. */
export function startProcesses(count: number): Processes {
  const queue: Waiting[] = [];
  const running = new Set<ChildProcess>();

  const startNext = (): void => {
    const next = running.size < count ? queue.shift() : undefined;
    if (next === undefined) return;
    const child = fork(join(import.meta.dirname, 'worker.ts'), { serialization: 'advanced' });
    running.add(child);
    let isAnswered = false;
    child.on('message', (answer: WorkerAnswer) => {
      isAnswered = true;
      next.resolve(answer);
      child.disconnect();
    });
    child.on('exit', (code) => {
      running.delete(child);
      if (!isAnswered) next.reject(new Error(`a process of the simulation ended with ${code}`));
      startNext();
    });
    child.send(next.task);
  };

  return {
    count,
    ask(task) {
      return new Promise((resolve, reject) => {
        queue.push({ task, resolve, reject });
        startNext();
      });
    },
    stop() {
      for (const child of running) child.kill();
    },
  };
}
