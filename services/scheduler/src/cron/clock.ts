/** What tells schedules the time; tests have one that they move. */
export interface CronClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back at the instant, or at once when it has passed; the function given back calls it off. */
  callAt(atMs: number, callback: () => void): () => void;
}

/** setTimeout's own limit; longer waits are cut into pieces. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

/** The clock of this machine. */
export function systemClock(): CronClock {
  return {
    now: () => Date.now(),
    callAt(atMs, callback) {
      let handle: NodeJS.Timeout;
      const arm = (): void => {
        const delayMs = Math.min(Math.max(0, atMs - Date.now()), TIMEOUT_MS_MAX);
        handle = setTimeout(() => {
          if (Date.now() < atMs) arm();
          else callback();
        }, delayMs);
      };
      arm();
      return () => clearTimeout(handle);
    },
  };
}

/** The zone of this machine, in which schedules are read that name none. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
