/** Runs jobs of one key one after the other, jobs of different keys side by side. */
export interface KeyedQueue {
  /** Runs the job after all earlier ones of this key; settles as the job does. */
  run<T>(key: string, job: () => Promise<T>): Promise<T>;
  /** Resolves when every job that was given so far has ended. */
  idle(): Promise<void>;
}

/** The scheduler's guard: a command and a timer of the same run never work on its state at once. */
export function createKeyedQueue(): KeyedQueue {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run(key, job) {
      const before = tails.get(key) ?? Promise.resolve();
      const result = before.then(job, job);
      const tail = result.then(
        () => undefined,
        () => undefined,
      );
      tails.set(key, tail);
      void tail.then(() => {
        if (tails.get(key) === tail) tails.delete(key);
      });
      return result;
    },
    async idle() {
      while (tails.size > 0) await Promise.all(tails.values());
    },
  };
}
