const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d{1,3})?))?$/;

/**
 * What `--at`, `--since` and `--until` take, as the server reads it. A time of day is meant on this machine's clock,
 * today; only here is it known which that is.
 */
export function momentText(text: string, now: Date = new Date()): string {
  const match = CLOCK.exec(text);
  if (match === null) return text;
  const [, hours = '', minutes = '', seconds = '0'] = match;
  const at = new Date(now);
  at.setHours(Number(hours), Number(minutes), 0, 0);
  at.setTime(at.getTime() + Math.round(Number(seconds) * 1_000));
  const isTime = Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60;
  return isTime ? at.toISOString() : text;
}
