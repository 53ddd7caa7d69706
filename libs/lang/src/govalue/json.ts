import { isGoMap, sortedKeys } from './print.ts';

/** How `goJson` writes: `indent` per level ('' = one line), HTML characters escaped or not. */
export interface GoJsonOptions {
  readonly indent?: string;
  readonly escapeHtml?: boolean;
}

/**
 * Writes JSON as Go's encoding/json: sorted keys, `<`, `>`, `&`, U+2028 and U+2029 escaped.
 * @throws Error for a function, NaN or infinity, which JSON cannot say.
 */
export function goJson(value: unknown, options: GoJsonOptions = {}): string {
  return write(value, options, '\n');
}

function write(value: unknown, options: GoJsonOptions, line: string): string {
  switch (typeof value) {
    case 'undefined':
      return 'null';
    case 'string':
      return goJsonString(value, options.escapeHtml ?? true);
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      return numberText(value);
    default:
      return writeObject(value, options, line);
  }
}

function writeObject(value: unknown, options: GoJsonOptions, line: string): string {
  if (value === null) return 'null';
  if (value instanceof Date) return `"${value.toISOString().replace(/\.?0*Z$/, 'Z')}"`;
  const inner = `${line}${options.indent ?? ''}`;
  if (Array.isArray(value)) {
    const items = value.map((item) => write(item, options, inner));
    return wrap(items, '[]', { options, line });
  }
  if (!isGoMap(value)) throw new Error(`json: unsupported type: ${typeof value}`);
  const colon = options.indent === undefined ? ':' : ': ';
  const pairs = sortedKeys(value).map((key) => {
    const name = goJsonString(key, options.escapeHtml ?? true);
    return `${name}${colon}${write(value[key], options, inner)}`;
  });
  return wrap(pairs, '{}', { options, line });
}

function wrap(
  items: readonly string[],
  brackets: '[]' | '{}',
  place: { readonly options: GoJsonOptions; readonly line: string },
): string {
  const [open, close] = [brackets.charAt(0), brackets.charAt(1)];
  const { indent } = place.options;
  if (indent === undefined || items.length === 0) return `${open}${items.join(',')}${close}`;
  const inner = `${place.line}${indent}`;
  return `${open}${inner}${items.join(`,${inner}`)}${place.line}${close}`;
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`json: unsupported value: ${String(value)}`);
  return Object.is(value, -0) ? '-0' : String(value);
}

/** A text as a JSON string the way Go marshals it. */
export function goJsonString(text: string, escapeHtml: boolean): string {
  const escaped = JSON.stringify(text)
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');
  const plain = escaped.replace(/\\u(d[89a-f][0-9a-f]{2})/g, '\\ufffd');
  if (!escapeHtml) return plain;
  return plain.replace(/</g, '\\u003c').replace(/>/g, '\\u003e').replace(/&/g, '\\u0026');
}

/**
 * Reads JSON into Go values as encoding/json does for interface{}: every number is a float64.
 * @returns undefined when the text is not one JSON value.
 */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    return undefined;
  }
}
