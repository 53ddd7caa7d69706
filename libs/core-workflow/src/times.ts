/** RFC 3339 in UTC with whole seconds, as Kubernetes writes it. */
export function timeText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

/** Milliseconds of an RFC 3339 text; 0 when absent or unreadable. */
export function parseTime(text: string | null | undefined): number {
  const parsed = text === null || text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(parsed) ? 0 : parsed;
}
