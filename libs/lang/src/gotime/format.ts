import { wallTimeAt, type WallTime, type Zone } from './zone.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Go's layout elements, longest first where one begins like another. */
const ELEMENT = new RegExp(
  [
    'January',
    'Jan',
    'Monday',
    'Mon',
    'MST',
    '2006',
    '__2',
    '002',
    '[.,](?:0+|9+)(?!\\d)',
    'Z07:00:00|Z070000|Z07:00|Z0700|Z07',
    '-07:00:00|-070000|-07:00|-0700|-07',
    '01|02|03|04|05|06|_2(?!006)|15|PM|pm|1|2|3|4|5',
  ].join('|'),
  'g',
);

/** Go's `time.RFC3339`. */
export const RFC3339_LAYOUT = '2006-01-02T15:04:05Z07:00';

/** Longest part of a layout that is searched for elements; what follows is literal text. */
export const LAYOUT_UNITS_MAX = 10_000;

/** Splits a Go layout into literal texts and elements such as `2006` or `.000`. */
export function layoutParts(
  layout: string,
): readonly { readonly element: boolean; readonly text: string }[] {
  const parts: { element: boolean; text: string }[] = [];
  let from = 0;
  for (const match of layout.slice(0, LAYOUT_UNITS_MAX).matchAll(ELEMENT)) {
    if (match.index > from) parts.push({ element: false, text: layout.slice(from, match.index) });
    parts.push({ element: true, text: match[0] });
    from = match.index + match[0].length;
  }
  if (from < layout.length) parts.push({ element: false, text: layout.slice(from) });
  return parts;
}

/** Prints an instant by a Go layout (`2006-01-02 15:04:05`) on the wall clock of a zone. */
export function formatGoTime(layout: string, epochMs: number, zone: Zone): string {
  const wall = wallTimeAt(epochMs, zone);
  const offsetMs = zone.offsetMs(epochMs);
  return layoutParts(layout)
    .map((part) => {
      if (!part.element) return part.text;
      if (part.text === 'MST') return zone.abbreviation(epochMs);
      if (/^[-Z]07/.test(part.text)) return zoneText(part.text, offsetMs);
      return elementText(part.text, wall);
    })
    .join('');
}

const two = (value: number): string => String(value).padStart(2, '0');
const hour12 = (hour: number): number => (hour % 12 === 0 ? 12 : hour % 12);

const ELEMENT_TEXT: Readonly<Record<string, (wall: WallTime) => string>> = {
  '2006': (wall) => String(wall.year).padStart(4, '0'),
  '06': (wall) => two(wall.year % 100),
  January: (wall) => MONTHS[wall.month - 1] ?? '',
  Jan: (wall) => (MONTHS[wall.month - 1] ?? '').slice(0, 3),
  '01': (wall) => two(wall.month),
  '1': (wall) => String(wall.month),
  Monday: (wall) => WEEKDAYS[wall.weekday] ?? '',
  Mon: (wall) => (WEEKDAYS[wall.weekday] ?? '').slice(0, 3),
  '02': (wall) => two(wall.day),
  _2: (wall) => String(wall.day).padStart(2, ' '),
  '2': (wall) => String(wall.day),
  '002': (wall) => String(yearDay(wall)).padStart(3, '0'),
  __2: (wall) => String(yearDay(wall)).padStart(3, ' '),
  '15': (wall) => two(wall.hour),
  '03': (wall) => two(hour12(wall.hour)),
  '3': (wall) => String(hour12(wall.hour)),
  '04': (wall) => two(wall.minute),
  '4': (wall) => String(wall.minute),
  '05': (wall) => two(wall.second),
  '5': (wall) => String(wall.second),
  PM: (wall) => (wall.hour < 12 ? 'AM' : 'PM'),
  pm: (wall) => (wall.hour < 12 ? 'am' : 'pm'),
};

function elementText(element: string, wall: WallTime): string {
  const print = ELEMENT_TEXT[element];
  if (print !== undefined) return print(wall);
  const digits = String(wall.millisecond).padStart(3, '0').padEnd(9, '0');
  const fraction = digits.slice(0, element.length - 1);
  if (element.charAt(1) === '0') return `${element.charAt(0)}${fraction}`;
  const trimmed = fraction.replace(/0+$/, '');
  return trimmed === '' ? '' : `${element.charAt(0)}${trimmed}`;
}

function yearDay(wall: WallTime): number {
  const dayMs = 86_400_000;
  return (Date.UTC(wall.year, wall.month - 1, wall.day) - Date.UTC(wall.year, 0, 0)) / dayMs;
}

function zoneText(element: string, offsetMs: number): string {
  if (element.startsWith('Z') && offsetMs === 0) return 'Z';
  const seconds = Math.abs(Math.round(offsetMs / 1000));
  const colon = element.includes(':') ? ':' : '';
  const parts = [two(Math.floor(seconds / 3600)), two(Math.floor(seconds / 60) % 60)];
  if (element.length === 3) parts.pop();
  if (element.length >= 7 && element !== '-07:00' && element !== 'Z07:00') {
    parts.push(two(seconds % 60));
  }
  return `${offsetMs < 0 ? '-' : '+'}${parts.join(colon)}`;
}

/** Month and weekday names, for parsing. */
export const goNames = { months: MONTHS, weekdays: WEEKDAYS };
