import { err, ok, type Result } from '@argosy/base';
import { goNames, LAYOUT_UNITS_MAX, layoutParts } from './format.ts';
import { epochMsOf, type Zone } from './zone.ts';

interface Fields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
  afternoon: boolean | undefined;
  yearDay: number | undefined;
  offsetMs: number | undefined;
}

const NUMBER_ELEMENTS: Readonly<Record<string, readonly [RegExp, keyof Fields]>> = {
  '2006': [/^\d{4}/, 'year'],
  '01': [/^\d\d/, 'month'],
  '1': [/^\d\d?/, 'month'],
  '02': [/^\d\d/, 'day'],
  '2': [/^\d\d?/, 'day'],
  _2: [/^ ?\d\d?/, 'day'],
  '002': [/^\d{3}/, 'yearDay'],
  __2: [/^ {0,2}\d{1,3}/, 'yearDay'],
  '15': [/^\d\d/, 'hour'],
  '03': [/^\d\d/, 'hour'],
  '3': [/^\d\d?/, 'hour'],
  '04': [/^\d\d/, 'minute'],
  '4': [/^\d\d?/, 'minute'],
  '05': [/^\d\d/, 'second'],
  '5': [/^\d\d?/, 'second'],
};

/**
 * Reads a text by a Go layout; a text without an offset is read in the zone. Milliseconds since 1970.
 * @returns an error sentence that names the text and the layout.
 */
export function parseGoTime(layout: string, text: string, zone: Zone): Result<number, string> {
  const fields: Fields = {
    year: 0,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    millisecond: 0,
    afternoon: undefined,
    yearDay: undefined,
    offsetMs: undefined,
  };
  const problem = (): { readonly ok: false; readonly error: string } =>
    err(`parsing time "${text}" as "${layout}": cannot parse`);
  if (layout.length > LAYOUT_UNITS_MAX) return err('the layout is too long');
  let rest = text;
  for (const part of layoutParts(layout)) {
    const length = part.element
      ? readElement(part.text, rest, fields)
      : literalLength(part.text, rest);
    if (length === undefined) return problem();
    rest = rest.slice(length);
    if (part.text === '05' || part.text === '5') rest = rest.slice(readFraction(rest, fields));
  }
  if (rest !== '') return problem();
  return placed(fields, zone) ?? problem();
}

function literalLength(literal: string, rest: string): number | undefined {
  return rest.startsWith(literal) ? literal.length : undefined;
}

/** Go accepts a fraction after the seconds even where the layout has none. */
function readFraction(rest: string, fields: Fields): number {
  const match = /^[.,]\d+/.exec(rest);
  if (match === null) return 0;
  fields.millisecond = Math.floor(Number(`0.${match[0].slice(1)}`) * 1000);
  return match[0].length;
}

function readElement(element: string, rest: string, fields: Fields): number | undefined {
  const numeric = NUMBER_ELEMENTS[element];
  if (numeric !== undefined) {
    const match = numeric[0].exec(rest);
    if (match === null) return undefined;
    Object.assign(fields, { [numeric[1]]: Number(match[0]) });
    return match[0].length;
  }
  if (element === '06') {
    const match = /^\d\d/.exec(rest);
    if (match === null) return undefined;
    fields.year = Number(match[0]) + (Number(match[0]) >= 69 ? 1900 : 2000);
    return 2;
  }
  if (/^[-Z]07/.test(element)) return readOffset(element, rest, fields);
  if (/^[.,]/.test(element)) {
    if (element.charAt(1) === '9') return readFraction(rest, fields);
    const match = new RegExp(`^[.,]\\d{${element.length - 1}}`).exec(rest);
    return match === null ? undefined : readFraction(match[0], fields);
  }
  return readName(element, rest, fields);
}

function readName(element: string, rest: string, fields: Fields): number | undefined {
  if (element === 'MST') return /^(UTC|[A-Z]{3,5}|[+-]\d\d)/.exec(rest)?.[0].length;
  if (element === 'PM' || element === 'pm') {
    const match = /^[AP]M|^[ap]m/.exec(rest);
    if (match !== null) fields.afternoon = match[0].toLowerCase() === 'pm';
    return match?.[0].length;
  }
  const isMonth = element.startsWith('Jan');
  const isShort = element.length === 3;
  const names = (isMonth ? goNames.months : goNames.weekdays).map((name) =>
    isShort ? name.slice(0, 3) : name,
  );
  const index = names.findIndex((name) => rest.toLowerCase().startsWith(name.toLowerCase()));
  if (index < 0) return undefined;
  if (isMonth) fields.month = index + 1;
  return names[index]?.length;
}

function readOffset(element: string, rest: string, fields: Fields): number | undefined {
  if (element.startsWith('Z') && rest.startsWith('Z')) {
    fields.offsetMs = 0;
    return 1;
  }
  const colon = element.includes(':') ? ':' : '';
  const groups = element.length === 3 ? 1 : element.replace(/\D/g, '').length / 2;
  const match = new RegExp(`^[+-]\\d\\d(?:${colon}\\d\\d){${groups - 1}}`).exec(rest);
  if (match === null) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = (match[0].match(/\d\d/g) ?? []).map(Number);
  const sign = match[0].startsWith('-') ? -1 : 1;
  fields.offsetMs = sign * ((hours * 60 + minutes) * 60 + seconds) * 1000;
  return match[0].length;
}

function placed(fields: Fields, zone: Zone): Result<number, string> | undefined {
  const hour = hourOf(fields);
  if (hour === undefined || fields.minute > 59 || fields.second > 59) return undefined;
  if (fields.month < 1 || fields.month > 12) return undefined;
  if (fields.day < 1 || fields.day > daysIn(fields.year, fields.month)) return undefined;
  const day = fields.yearDay ?? fields.day;
  const month = fields.yearDay === undefined ? fields.month : 1;
  const wall = { ...fields, hour, day, month };
  if (fields.offsetMs === undefined) return ok(epochMsOf(wall, zone));
  const utc: Zone = { name: 'UTC', offsetMs: () => 0, abbreviation: () => 'UTC' };
  return ok(epochMsOf(wall, utc) - fields.offsetMs);
}

function hourOf(fields: Fields): number | undefined {
  if (fields.afternoon === undefined) return fields.hour > 23 ? undefined : fields.hour;
  if (fields.hour < 1 || fields.hour > 12) return undefined;
  return (fields.hour % 12) + (fields.afternoon ? 12 : 0);
}

function daysIn(year: number, month: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, 0);
  return date.getUTCDate();
}
