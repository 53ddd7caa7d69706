/** RFC 3339 in UTC with whole seconds, as Kubernetes writes times. @param atMs Unix milliseconds */
export function timeText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}
