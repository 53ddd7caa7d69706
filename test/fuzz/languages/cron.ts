import { nextFireMs, parseCron } from '@argosy/lang';
import type { Random } from '../../simulation/random.ts';
import type { Answer, Language, Question } from '../language.ts';

const ZONES = [
  ...['UTC', 'Europe/Paris', 'America/New_York', 'America/Sao_Paulo', 'Asia/Kolkata'],
  ...['Africa/Cairo', 'America/St_Johns', 'Pacific/Apia', 'Asia/Tehran', 'Pacific/Chatham'],
];
const DESCRIPTORS = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly'];
const FIRES = 4;
const FROM_MS = Date.UTC(2000, 0, 1);
const UNTIL_MS = Date.UTC(2035, 0, 1);

interface Field {
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
}

const FIELDS: readonly Field[] = [
  { low: 0, high: 59 },
  { low: 0, high: 23 },
  { low: 1, high: 31 },
  { low: 1, high: 12, names: ['jan', 'FEB', 'Mar', 'oct'] },
  { low: 0, high: 6, names: ['sun', 'MON', 'Fri', 'sat'] },
];

function value(random: Random, { low, high, names }: Field): string {
  if (names !== undefined && random.chance(0.3)) return random.pick(names);
  // One in many is out of range.
  return String(
    random.between(random.chance(0.02) ? low - 1 : low, high + Number(random.chance(0.02))),
  );
}

function range(random: Random, field: Field): string {
  const step = random.chance(0.3) ? `/${random.between(0, 9)}` : '';
  if (random.chance(0.3)) return `${random.pick(['*', '*', '?'])}${step}`;
  if (random.chance(0.6)) return value(random, field) + step;
  const [from, to] = [value(random, field), value(random, field)].sort(
    (left, right) => Number(left) - Number(right),
  );
  return `${from}-${to}${step}`;
}

function fieldText(random: Random, field: Field): string {
  if (random.chance(0.45)) return '*';
  return Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => range(random, field)).join(',');
}

function specOf(random: Random): string {
  const zone = random.chance(0.1) ? `${random.pick(['TZ', 'CRON_TZ'])}=${random.pick(ZONES)} ` : '';
  if (random.chance(0.05)) return zone + random.pick(DESCRIPTORS);
  if (random.chance(0.05))
    return `${zone}@every ${random.below(5000)}${random.pick(['s', 'm', 'ms'])}`;
  return zone + FIELDS.map((field) => fieldText(random, field)).join(' ');
}

/** robfig/cron: which schedules there are and when they fire, also where clocks change. */
export const cron: Language = {
  name: 'cron',
  oracle: 'go-fixtures',
  question(random) {
    const afterMs = FROM_MS + Math.floor((random.next() * (UNTIL_MS - FROM_MS)) / 1000) * 1000;
    const after = instant(afterMs);
    return { language: 'cron', source: specOf(random), zone: random.pick(ZONES), after };
  },
  answer({ source, zone = '', after = '' }) {
    const schedule = parseCron(source);
    if (!schedule.ok) return { x: schedule.error };
    const fires: string[] = [];
    let atMs = Date.parse(after);
    while (fires.length < FIRES) {
      const nextMs = nextFireMs(schedule.value, atMs, zone);
      fires.push(nextMs === undefined ? 'never' : instant(nextMs));
      if (nextMs === undefined) break;
      atMs = nextMs;
    }
    return { r: fires };
  },
  isMeant: isSkippedMidnight,
};

/** Zones whose clocks have changed at midnight. */
const MIDNIGHT_ZONES = /Africa\/Cairo|America\/Sao_Paulo|Asia\/Tehran|Pacific\/Apia|St_Johns/;

/**
 * Where a month begins in the hour that the clocks skip, robfig/cron takes the first hour of every
 * month behind it for gone too, and misses what is due then. Here it fires; what it finds, fires.
 */
function isSkippedMidnight(question: Question, go: Answer, here: Answer): boolean {
  const { source, zone = '' } = question;
  if (!MIDNIGHT_ZONES.test(source + zone) || !Array.isArray(go.r) || !Array.isArray(here.r)) {
    return false;
  }
  const schedule = parseCron(source);
  if (!schedule.ok) return false;
  return go.r.every((text: string) => {
    const atMs = Date.parse(text);
    return text === 'never' || nextFireMs(schedule.value, atMs - 1, zone) === atMs;
  });
}

function instant(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('.000Z', 'Z');
}
