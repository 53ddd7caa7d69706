import { base64Encode } from '../bytes/index.ts';
import { failLang } from '../error.ts';
import { formatGoTime } from '../gotime/index.ts';
import { goJson, parseJson, type GoJsonOptions } from '../govalue/index.ts';
import { ExprDuration, ExprTime, isList, isMap, mapEntries, newMap } from './value.ts';

/** `fromJSON`: any JSON text; every number becomes a float64, as encoding/json gives it. */
export function parseGoJson(text: string): unknown {
  const parsed = parseJson(text);
  if (parsed !== undefined) return parsed.value;
  if (text.trim() === '') return failLang('Evaluation', 'unexpected end of JSON input');
  return failLang('Evaluation', `invalid JSON: ${JSON.stringify(text.slice(0, 80))}`);
}

/** Layout of times in JSON. */
const JSON_TIME_LAYOUT = '2006-01-02T15:04:05.999999999Z07:00';

/** JSON as encoding/json writes it. Throws `Error` for what JSON cannot say. */
export function valueToJson(value: unknown, options: GoJsonOptions = {}): string {
  return goJson(toJsonShape(value), options);
}

/** Replaces the language's own kinds of value by those JSON has. */
function toJsonShape(value: unknown): unknown {
  if (value instanceof ExprTime) return formatGoTime(JSON_TIME_LAYOUT, value.getTime(), value.zone);
  if (value instanceof ExprDuration) return value.ns;
  if (value instanceof Uint8Array) return base64Encode(value);
  if (isList(value)) return value.map(toJsonShape);
  if (!isMap(value)) return value;
  const shape = newMap();
  for (const [key, item] of mapEntries(value)) {
    if (value instanceof Map)
      throw new Error('json: unsupported type: map[interface {}]interface {}');
    shape[String(key)] = toJsonShape(item);
  }
  return shape;
}
