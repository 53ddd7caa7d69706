import { failLang } from '../error.ts';
import { parseJson } from '../govalue/index.ts';

/** `fromJSON`: any JSON text; every number becomes a float64, as encoding/json gives it. */
export function parseGoJson(text: string): unknown {
  const parsed = parseJson(text);
  if (parsed !== undefined) return parsed.value;
  if (text.trim() === '') return failLang('Evaluation', 'unexpected end of JSON input');
  return failLang('Evaluation', `invalid JSON: ${JSON.stringify(text.slice(0, 80))}`);
}
