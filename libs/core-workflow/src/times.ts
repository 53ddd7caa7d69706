/**
 * RFC 3339 in UTC with milliseconds, for the times of status: steps take less than a second here. Whatever reads
 * Kubernetes' times reads these too, for the fraction is part of RFC 3339.
 */
export function preciseTimeText(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** Milliseconds of an RFC 3339 text; 0 when absent or unreadable. */
export function parseTime(text: string | null | undefined): number {
  const parsed = text === null || text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(parsed) ? 0 : parsed;
}
