import { readFileSync, writeFileSync } from 'node:fs';
import { PROGRESS_BYTES_MAX, PROGRESS_POLL_MS } from '../limits.ts';

const PROGRESS = /^\s*(\d+)\/(\d+)\s*$/;

/** `N/M` of a text when it is a progress with N ≤ M and M > 0, else undefined. */
export function parseProgress(text: string): string | undefined {
  const match = PROGRESS.exec(text);
  if (match === null) return undefined;
  const done = Number(match[1]);
  const total = Number(match[2]);
  return total > 0 && done <= total ? `${done}/${total}` : undefined;
}

/** Follows the file that `$ARGO_PROGRESS_FILE` names; `stop` looks a last time. */
export function followProgress(
  place: string,
  onProgress: (text: string) => void,
): { stop(): void } {
  writeFileSync(place, '');
  let last: string | undefined;
  const look = (): void => {
    const text = readProgress(place);
    if (text === undefined || text === last) return;
    last = text;
    onProgress(text);
  };
  const timer = setInterval(look, PROGRESS_POLL_MS);
  return {
    stop: () => {
      clearInterval(timer);
      look();
    },
  };
}

function readProgress(place: string): string | undefined {
  try {
    const text = readFileSync(place, 'utf8').slice(0, PROGRESS_BYTES_MAX);
    return parseProgress(text.trimEnd().split('\n').at(-1) ?? '');
  } catch {
    return undefined;
  }
}
