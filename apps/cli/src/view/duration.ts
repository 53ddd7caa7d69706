/** A duration for people: `0.2s`, `12s`, `3m4s`, `2h5m`, `3d4h`. */
export function humanDuration(durationMs: number): string {
  if (durationMs < 0) return '0s';
  if (durationMs < 10_000) return `${trimmed(durationMs / 1_000)}s`;
  const seconds = Math.floor(durationMs / 1_000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${seconds % 60}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}h${minutes % 60}m`;
  return `${Math.floor(hours / 24)}d${hours % 24}h`;
}

function trimmed(seconds: number): string {
  return seconds.toFixed(seconds < 1 ? 2 : 1).replace(/\.?0+$/, '') || '0';
}

/** Time between two RFC 3339 instants; an absent end means until `nowMs`. Empty when it has not begun. */
export function elapsed(
  startedAt: string | null | undefined,
  finishedAt: string | null | undefined,
  nowMs: number,
): string {
  if (!startedAt) return '';
  const endMs = finishedAt ? Date.parse(finishedAt) : nowMs;
  return humanDuration(endMs - Date.parse(startedAt));
}
