/**
 * The text of `item` or `item.F`, from the item's JSON text. A string item stands for itself; maps and
 * lists are compact JSON with sorted keys; numbers keep their form.
 */
export function itemText(json: string, tag: string): string | undefined {
  if (tag === 'item') return valueText(json);
  if (!tag.startsWith('item.')) return undefined;
  const parsed: unknown = JSON.parse(json);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  const field = tag.slice('item.'.length);
  if (!Object.hasOwn(parsed, field)) return undefined;
  return valueText(JSON.stringify(Reflect.get(parsed, field)));
}

/** An item in the name of its node: parentheses are removed from it. */
export function itemLabel(json: string): string {
  const text = plainText(json) ?? describe(JSON.parse(json));
  return text.includes('(') || text.includes(')') ? text.replace(/[()]/g, '') : text;
}

/** JSON with sorted keys and no blanks, as Go writes it; `undefined` becomes null. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(',')}}`;
}

function valueText(json: string): string {
  if (!json.startsWith('"')) return json;
  return plainText(json) ?? String(JSON.parse(json));
}

/** The text of a JSON string that holds no escape, which is nearly every one; else undefined. */
function plainText(json: string): string | undefined {
  return json.startsWith('"') && !json.includes('\\') ? json.slice(1, -1) : undefined;
}

/** Maps as sorted `k:v` pairs, lists as Go prints them, strings as they are. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printed).join(' ')}]`;
  if (typeof value !== 'object' || value === null) return printed(value);
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return entries.map(([key, entry]) => `${key}:${printed(entry)}`).join(',');
}

function printed(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(printed).join(' ')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
    return `map[${entries.map(([key, entry]) => `${key}:${printed(entry)}`).join(' ')}]`;
  }
  return JSON.stringify(value);
}
