import { watch } from 'node:fs';
import { basename, join } from 'node:path';

/** Says when something happens in a directory, and to which names. */
export interface Notices {
  /** Resolves when there is something that nobody has looked at. */
  stirred(signal: AbortSignal): Promise<void>;
  /**
   * The names that came or went twice since the last time but one: each coming and each going is one notice, and
   * what has one of both is found by looking.
   */
  takeTouched(): ReadonlySet<string>;
  close(): void;
}

/** More happen within this time as a rule, milliseconds; they are looked at together. */
const SETTLE_MS = 20;
/** Names that are remembered until the next look; what is beyond is found by its listing. */
const TOUCHED_MAX = 10_000;

/**
 * What the operating system tells of a directory. While it cannot be watched (it is not there, say) nothing is
 * told, and each look tries again.
 */
export function directoryNotices(path: string): Notices {
  let close: (() => void) | undefined;
  let touched: Readonly<Record<'now' | 'before', Map<string, number>>> = {
    now: new Map(),
    before: new Map(),
  };
  let isStirred = false;
  let wake: (() => void) | undefined;

  function stir(): void {
    isStirred = true;
    wake?.();
  }
  function open(): void {
    if (close !== undefined) return;
    try {
      const watcher = watch(path, (kind, name) => {
        if (kind === 'rename' && name !== null && touched.now.size < TOUCHED_MAX) {
          const whole = join(path, name);
          touched.now.set(whole, (touched.now.get(whole) ?? 0) + 1);
        }
        // The directory itself went away: it is to be watched anew when it is there again.
        if (kind === 'rename' && name === basename(path)) end();
        stir();
      });
      const end = (): void => {
        watcher.close();
        close = undefined;
      };
      watcher.on('error', () => {
        end();
        stir();
      });
      close = end;
      // What happened before the watch stood.
      isStirred = true;
    } catch {
      close = undefined;
    }
  }

  open();
  return {
    async stirred(signal) {
      open();
      if (!isStirred) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
        wake = undefined;
      }
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    },
    takeTouched() {
      const { now, before } = touched;
      touched = { now: new Map(), before: now };
      isStirred = false;
      const isTwice = ([name, count]: readonly [string, number]): boolean =>
        count + (before.get(name) ?? 0) >= 2;
      return new Set(
        Array.from(now)
          .filter(isTwice)
          .map(([name]) => name),
      );
    },
    close: () => close?.(),
  };
}
