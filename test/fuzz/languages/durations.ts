import { formatGoDuration, parseGoDuration } from '@argosy/base';
import type { Random } from '../../simulation/random.ts';
import type { Answer, Language } from '../language.ts';

const UNITS = ['ns', 'us', 'µs', 'μs', 'ms', 's', 'm', 'h', 'd', ''];
const NS_PER_MS = 1e6;
/** Milliseconds are floats here: beyond this many nanoseconds not each one has its own. */
const NS_EXACT_MAX = 2 ** 50;
/** Go cuts each part of a duration down to whole nanoseconds; a question has up to three parts. */
const NS_CUT_MAX = 3;

function number(random: Random): string {
  const whole = random.chance(0.1) ? '' : String(random.below(10 ** random.between(0, 5)));
  if (random.chance(0.6)) return whole;
  const digits = random.chance(0.2) ? '' : String(random.below(1000)).padStart(3, '0');
  return `${whole}.${digits}`;
}

/** Go's `time.ParseDuration` and `Duration.String`. */
export const durations: Language = {
  name: 'durations',
  oracle: 'lang-fixtures',
  question(random) {
    const sign = random.pick(['', '', '', '-', '+', '--']);
    const parts = Array.from({ length: random.between(0, 3) }, () => {
      return number(random) + random.pick(random.chance(0.9) ? UNITS.slice(0, 8) : UNITS);
    });
    const blank = random.chance(0.03) ? ' ' : '';
    return { language: 'duration', source: sign + parts.join(blank) };
  },
  answer({ source }) {
    const parsed = parseGoDuration(source);
    if (!parsed.ok) return { x: parsed.error };
    return { r: String(parsed.value * NS_PER_MS), text: formatGoDuration(parsed.value) };
  },
  isMeant: (_, go, here) => isSameButRounded(go, here),
};

/**
 * A float of milliseconds may be off by a nanosecond, and Go cuts off what is less than one; beyond
 * some weeks not each nanosecond has a float of its own.
 */
function isSameButRounded(go: Answer, here: Answer): boolean {
  if (typeof go.r !== 'string' || typeof here.r !== 'string') return false;
  const differenceNs = Math.abs(Number(go.r) - Number(here.r));
  const isLarge = Math.abs(Number(go.r)) > NS_EXACT_MAX;
  return isLarge || (differenceNs > 0 && differenceNs <= NS_CUT_MAX);
}
