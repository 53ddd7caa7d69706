import { parseGoTime, zoneOf, type Zone } from '../gotime/index.ts';
import type { WhenToken } from './token.ts';

/** The layouts govaluate tries on every quoted text, in its order. */
const LAYOUTS = [
  'Mon Jan _2 15:04:05 2006',
  'Mon Jan _2 15:04:05 MST 2006',
  'Mon Jan 02 15:04:05 -0700 2006',
  '3:04PM',
  '2006-01-02T15:04:05Z07:00',
  '2006-01-02T15:04:05.999999999Z07:00',
  '2006-01-02',
  '2006-01-02 15:04',
  '2006-01-02 15:04:05',
  '2006-01-02 15:04:05-07:00',
  '2006-01-02T15Z0700',
  '2006-01-02T15:04Z0700',
  '2006-01-02T15:04:05Z0700',
  '2006-01-02T15:04:05.999999999Z0700',
];

/** What every one of the layouts begins with; spares the attempts for nearly all texts. */
const MAY_BE_TIME = /^(?:\d{4}-\d\d|\d{1,2}:\d\d[AP]M$|[A-Za-z]{3} [A-Za-z]{3} [ \d])/;

const MS_PER_SECOND = 1_000;

/** A quoted text is a time when it looks like one, and then its value is its Unix second. */
export function readQuotedValue(text: string, offset: number): WhenToken {
  const seconds = MAY_BE_TIME.test(text) ? unixSeconds(text) : undefined;
  if (seconds === undefined) return { kind: 'STRING', value: text, offset };
  return { kind: 'TIME', value: seconds, offset };
}

function unixSeconds(text: string): number | undefined {
  const utc: Zone | undefined = zoneOf('UTC');
  if (utc === undefined) return undefined;
  for (const layout of LAYOUTS) {
    const parsed = parseGoTime(layout, text, utc);
    if (parsed.ok) return Math.floor(parsed.value / MS_PER_SECOND);
  }
  return undefined;
}
