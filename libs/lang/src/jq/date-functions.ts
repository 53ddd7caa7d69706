import { formatGoTime, zoneOf } from '../gotime/index.ts';
import { failJq, isNull, preview, type ValueFunction } from './value.ts';

const DAY_S = 86_400;
const NAMES = {
  month: 'January February March April May June July August September October November December',
  day: 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday',
};
const MONTHS = NAMES.month.split(' ');
const DAYS = NAMES.day.split(' ');

/** Times are seconds since 1970 or lists of year, month from 0, day, hour, minute, second, weekday, day of year; all UTC. */
export const DATE_FUNCTIONS: Readonly<Record<string, ValueFunction>> = {
  'gmtime/0': (input) => brokenDown(secondsIn('gmtime', input)),
  'localtime/0': (input) => brokenDown(secondsIn('localtime', input)),
  'mktime/0': (input) => Math.floor(secondsOf('mktime', input)),
  'strftime/1': (input, [format]) => printed('strftime', input, format),
  'strflocaltime/1': (input, [format]) => printed('strflocaltime', input, format),
  'strptime/1': (input, [format]) => parsed(input, format),
};

function secondsIn(name: string, input: unknown): number {
  return typeof input === 'number'
    ? input
    : failJq(`${name} cannot be applied to: ${preview(input)}`);
}

function brokenDown(seconds: number): readonly number[] {
  const date = new Date(Math.floor(seconds) * 1_000);
  const year = date.getUTCFullYear();
  return [
    year,
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds() + (seconds - Math.floor(seconds)),
    date.getUTCDay(),
    Math.floor((date.getTime() - Date.UTC(year, 0, 1)) / 1_000 / DAY_S),
  ];
}

/** Seconds since 1970 of a number or a broken-down time. */
function secondsOf(name: string, input: unknown): number {
  if (typeof input === 'number') return input;
  const isTime =
    Array.isArray(input) && input.length > 0 && input.every((part) => typeof part === 'number');
  if (!isTime) return failJq(`${name} cannot be applied to: ${preview(input)}`);
  const [year = 0, month = 0, day = 1, hour = 0, minute = 0, second = 0] =
    input as readonly number[];
  return Date.UTC(year, month, day, hour, minute, 0) / 1_000 + second;
}

function printed(name: string, input: unknown, format: unknown): string {
  if (typeof format !== 'string') return failJq(`${name} takes a string, not ${preview(format)}`);
  if (isNull(input) || typeof input === 'string') {
    return failJq(`${name}(${JSON.stringify(format)}) cannot be applied to: ${preview(input)}`);
  }
  const seconds = Math.floor(secondsOf(name, input));
  return format.replace(/%(.)/gsu, (whole, letter: string) => letterOf(letter, seconds) ?? whole);
}

/** Layouts of Go for the letters that have one. */
const LAYOUTS: Readonly<Record<string, string>> = {
  A: 'Monday',
  B: 'January',
  D: '01/02/06',
  F: '2006-01-02',
  H: '15',
  I: '03',
  M: '04',
  R: '15:04',
  S: '05',
  T: '15:04:05',
  X: '15:04:05',
  Y: '2006',
  a: 'Mon',
  b: 'Jan',
  c: 'Mon Jan _2 15:04:05 2006',
  d: '02',
  e: '_2',
  h: 'Jan',
  m: '01',
  p: 'PM',
  r: '03:04:05 PM',
  x: '01/02/06',
  y: '06',
};

function letterOf(letter: string, seconds: number): string | undefined {
  const zone = zoneOf('UTC');
  const layout = Object.hasOwn(LAYOUTS, letter) ? LAYOUTS[letter] : undefined;
  if (layout !== undefined && zone !== undefined) {
    return formatGoTime(layout, seconds * 1_000, zone);
  }
  const numbers = brokenDown(seconds);
  return Object.hasOwn(OTHERS, letter) ? OTHERS[letter]?.(seconds, numbers) : undefined;
}

/** Letters that Go has no layout for. */
const OTHERS: Readonly<Record<string, (seconds: number, numbers: readonly number[]) => string>> = {
  j: (_, [, , , , , , , yearday = 0]) => String(yearday + 1).padStart(3, '0'),
  s: (seconds) => String(seconds),
  u: (_, [, , , , , , weekday = 0]) => String(weekday === 0 ? 7 : weekday),
  w: (_, [, , , , , , weekday = 0]) => String(weekday),
  Z: () => 'UTC',
  z: () => '+0000',
  n: () => '\n',
  t: () => '\t',
  '%': () => '%',
};

/** What has been read of a time. */
interface Reading {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  offsetS: number;
  isAfternoon: boolean | undefined;
  epochS: number | undefined;
}

const named = (names: readonly string[]): string =>
  names.map((name) => `${name}|${name.slice(0, 3)}`).join('|');
const placeOf = (names: readonly string[], text: string): number =>
  names.findIndex((name) => name.slice(0, 3).toLowerCase() === text.slice(0, 3).toLowerCase());

type Letter = readonly [pattern: string, take: (reading: Reading, text: string) => void];

const LETTERS: Readonly<Record<string, Letter>> = {
  Y: ['[0-9]{4}', (reading, text) => (reading.year = Number(text))],
  y: [
    '[0-9]{2}',
    (reading, text) => (reading.year = Number(text) + (Number(text) < 69 ? 2000 : 1900)),
  ],
  m: ['[0-9]{1,2}', (reading, text) => (reading.month = Number(text) - 1)],
  d: ['[0-9]{1,2}', (reading, text) => (reading.day = Number(text))],
  e: [' ?[0-9]{1,2}', (reading, text) => (reading.day = Number(text))],
  H: ['[0-9]{1,2}', (reading, text) => (reading.hour = Number(text))],
  I: ['[0-9]{1,2}', (reading, text) => (reading.hour = Number(text) % 12)],
  M: ['[0-9]{1,2}', (reading, text) => (reading.minute = Number(text))],
  S: ['[0-9]{1,2}', (reading, text) => (reading.second = Number(text))],
  p: ['AM|PM|am|pm', (reading, text) => (reading.isAfternoon = /pm/i.test(text))],
  j: ['[0-9]{1,3}', (reading, text) => Object.assign(reading, { month: 0, day: Number(text) })],
  B: [named(MONTHS), (reading, text) => (reading.month = placeOf(MONTHS, text))],
  b: [named(MONTHS), (reading, text) => (reading.month = placeOf(MONTHS, text))],
  h: [named(MONTHS), (reading, text) => (reading.month = placeOf(MONTHS, text))],
  A: [named(DAYS), () => undefined],
  a: [named(DAYS), () => undefined],
  s: ['[0-9]+', (reading, text) => (reading.epochS = Number(text))],
  Z: ['[A-Za-z]+', () => undefined],
  z: ['Z|[+-][0-9]{2}:?[0-9]{2}', (reading, text) => (reading.offsetS = offsetOf(text))],
  n: ['\\s+', () => undefined],
  t: ['\\s+', () => undefined],
  '%': ['%', () => undefined],
};

/** Formats that stand for others. */
const SHORT: Readonly<Record<string, string>> = {
  T: '%H:%M:%S',
  F: '%Y-%m-%d',
  D: '%m/%d/%y',
  R: '%H:%M',
  c: '%a %b %e %H:%M:%S %Y',
};

function offsetOf(text: string): number {
  if (text === 'Z') return 0;
  const [hours, minutes] = [text.slice(1, 3), text.slice(-2)].map(Number);
  return (text.startsWith('-') ? -1 : 1) * ((hours ?? 0) * 3_600 + (minutes ?? 0) * 60);
}

function parsed(input: unknown, format: unknown): readonly number[] {
  if (typeof input !== 'string' || typeof format !== 'string') {
    return failJq(`strptime(${JSON.stringify(format)}) cannot be applied to: ${preview(input)}`);
  }
  const takes: Letter[1][] = [];
  const long = format.replace(/%([TFDRc])/g, (_, letter: string) => SHORT[letter] ?? '');
  const pattern = long.replace(/%(.)|[\\^$.*+?()[\]{}|]/gsu, (whole, letter?: string) => {
    if (letter === undefined) return `\\${whole}`;
    const known = Object.hasOwn(LETTERS, letter) ? LETTERS[letter] : undefined;
    if (known === undefined) return failJq(`strptime does not know %${letter}`);
    takes.push(known[1]);
    return `(${known[0]})`;
  });
  const match = new RegExp(`^${pattern}$`).exec(input);
  if (match === null) {
    const call = `strptime(${JSON.stringify(format)})`;
    return failJq(`${call} cannot be applied to ${JSON.stringify(input)}: it has another form`);
  }
  const reading: Reading = {
    ...{ year: 1900, month: 0, day: 1, hour: 0, minute: 0, second: 0, offsetS: 0 },
    ...{ isAfternoon: undefined, epochS: undefined },
  };
  for (const [index, take] of takes.entries()) take(reading, match[index + 1] ?? '');
  const { year, month, day, hour, minute, second, offsetS, isAfternoon, epochS } = reading;
  const hours = hour + (isAfternoon === true ? 12 : 0);
  const atS = Date.UTC(year, month, day, hours, minute, second) / 1_000 - offsetS;
  return brokenDown(epochS ?? atS);
}
