import { elementsOf, membersOf, skipBlanks, unquote } from './scan.ts';
import { compareText } from '../govalue/index.ts';

/** Widest line for an array of plain values. */
const WIDTH_DEFAULT = 80;

/** JSON text without the blanks between its tokens; the tokens stay as they are. */
export function uglyJson(json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*"?)|[\0- ]+/gs, (_, text?: string) => text ?? '');
}

interface Style {
  readonly indent: string;
  readonly prefix: string;
  readonly width: number;
  readonly sortKeys: boolean;
}

const blanksOf = (value: unknown, fallback: string): string =>
  typeof value === 'string' ? value.replace(/[^ \t\r\n]/g, '') : fallback;

/** JSON text over many lines; arrays without objects stay on one line while they fit. */
export function prettyJson(json: string, options: Readonly<Record<string, unknown>>): string {
  const style: Style = {
    indent: blanksOf(options['indent'], '  '),
    prefix: blanksOf(options['prefix'], ''),
    width: typeof options['width'] === 'number' ? options['width'] : WIDTH_DEFAULT,
    sortKeys: options['sortKeys'] === true,
  };
  const start = skipBlanks(json, 0);
  if (start >= json.length) return '';
  return `${style.prefix}${pretty(json.slice(start).trimEnd(), style, { level: 0, column: 0 })}\n`;
}

interface Place {
  readonly level: number;
  /** Characters before the value on its line. */
  readonly column: number;
}

function pretty(raw: string, style: Style, place: Place): string {
  const pad = (level: number): string => `\n${style.prefix}${style.indent.repeat(level)}`;
  if (raw.startsWith('[')) {
    const line = singleLine(raw);
    const room = style.width - place.column;
    if (style.width > 0 && room > 3 && line !== undefined && line.length <= room) return line;
    const column = pad(place.level + 1).length - 1;
    const items = Array.from(elementsOf(raw, 0), (span) =>
      pretty(raw.slice(span.start, span.end), style, { level: place.level + 1, column }),
    );
    return wrapped('[]', items, { inner: pad(place.level + 1), outer: pad(place.level) });
  }
  if (!raw.startsWith('{')) return raw;
  const members = Array.from(membersOf(raw, 0), ({ key, value }) => ({
    key: raw.slice(key.start, key.end),
    value: raw.slice(value.start, value.end),
  }));
  if (style.sortKeys) members.sort((a, b) => compareText(unquote(a.key), unquote(b.key)));
  const inner = pad(place.level + 1);
  const items = members.map(({ key, value }) => {
    const column = inner.length - 1 + key.length + 2;
    return `${key}: ${pretty(value, style, { level: place.level + 1, column })}`;
  });
  return wrapped('{}', items, { inner, outer: pad(place.level) });
}

function wrapped(
  brackets: '[]' | '{}',
  items: readonly string[],
  lines: { readonly inner: string; readonly outer: string },
): string {
  const [open, close] = [brackets.charAt(0), brackets.charAt(1)];
  if (items.length === 0) return brackets;
  return `${open}${lines.inner}${items.join(`,${lines.inner}`)}${lines.outer}${close}`;
}

/** An array on one line, undefined when an object is in it. */
function singleLine(raw: string): string | undefined {
  const items: string[] = [];
  for (const span of elementsOf(raw, 0)) {
    const item = raw.slice(span.start, span.end);
    if (item.startsWith('{')) return undefined;
    const text = item.startsWith('[') ? singleLine(item) : item;
    if (text === undefined) return undefined;
    items.push(text);
  }
  return `[${items.join(', ')}]`;
}
