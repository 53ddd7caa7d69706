/** Lets a bounded number of jobs run at a time; the others wait in their order. */
export interface Turns {
  run<T>(job: () => Promise<T>): Promise<T>;
}

export function createTurns(atOnceMax: number): Turns {
  const waiting: (() => void)[] = [];
  let free = atOnceMax;
  return {
    async run(job) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await job();
      } finally {
        const next = waiting.shift();
        // The place is handed over, so that nobody who comes now gets before those who wait.
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}
