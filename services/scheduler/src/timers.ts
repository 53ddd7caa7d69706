/** One wake-up per run; a later call for the same run replaces the earlier one. */
export interface Timers {
  /** Calls back at the instant (ms since the epoch), or at once when it has passed. */
  set(uid: string, atMs: number): void;
  clear(uid: string): void;
  clearWhere(isMeant: (uid: string) => boolean): void;
  stop(): void;
}

/** setTimeout's own limit; longer waits are cut into pieces. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

/** Timers by Node's own timer wheel, which keeps tens of thousands cheaply. */
export function createTimers(now: () => number, onDue: (uid: string) => void): Timers {
  const timers = new Map<string, { readonly atMs: number; handle: NodeJS.Timeout }>();

  const arm = (uid: string, atMs: number): NodeJS.Timeout => {
    const delayMs = Math.min(Math.max(0, atMs - now()), TIMEOUT_MS_MAX);
    return setTimeout(() => {
      if (now() < atMs) {
        timers.set(uid, { atMs, handle: arm(uid, atMs) });
        return;
      }
      timers.delete(uid);
      onDue(uid);
    }, delayMs);
  };

  return {
    set(uid, atMs) {
      const known = timers.get(uid);
      if (known?.atMs === atMs) return;
      if (known !== undefined) clearTimeout(known.handle);
      timers.set(uid, { atMs, handle: arm(uid, atMs) });
    },
    clear(uid) {
      const known = timers.get(uid);
      if (known === undefined) return;
      clearTimeout(known.handle);
      timers.delete(uid);
    },
    clearWhere(isMeant) {
      for (const [uid, { handle }] of timers) {
        if (!isMeant(uid)) continue;
        clearTimeout(handle);
        timers.delete(uid);
      }
    },
    stop() {
      for (const { handle } of timers.values()) clearTimeout(handle);
      timers.clear();
    },
  };
}
