import type { Logger } from '@argosy/telemetry';

/** Lines about refused requests in one minute over all ports; what goes over is told as a number. */
const LINES_PER_MINUTE_MAX = 300;
const MINUTE_MS = 60_000;
/** Of texts that the sender chooses. */
const TEXT_LENGTH_MAX = 200;

/** A request that was not taken, as far as the log may know it. */
export interface Refusal {
  readonly port?: number;
  readonly namespace?: string;
  readonly eventSource?: string;
  readonly eventName?: string;
  readonly path?: string;
  readonly status: number;
  readonly reason: string;
}

/** Writes one line per refused request; a flood of them is cut short and counted. */
export interface RefusalLog {
  note(refusal: Refusal): void;
}

export function createRefusalLog(
  logger: Logger,
  clock: () => number = Date.now,
  linesPerMinuteMax = LINES_PER_MINUTE_MAX,
): RefusalLog {
  let windowStartMs = Number.NEGATIVE_INFINITY;
  let lines = 0;
  let unwritten = 0;
  return {
    note(refusal) {
      const nowMs = clock();
      if (nowMs - windowStartMs >= MINUTE_MS) {
        if (unwritten > 0) logger.warn({ requests: unwritten }, 'more requests were refused');
        [windowStartMs, lines, unwritten] = [nowMs, 0, 0];
      }
      lines += 1;
      if (lines > linesPerMinuteMax) {
        unwritten += 1;
        return;
      }
      const { path, reason, ...fields } = refusal;
      const texts = { reason: cut(reason), ...(path === undefined ? {} : { path: cut(path) }) };
      logger.warn({ ...fields, ...texts }, 'a request was refused');
    },
  };
}

function cut(text: string): string {
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text;
}
