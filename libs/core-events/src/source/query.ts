import { utf8Bytes, utf8Text } from '@argosy/lang';

/** Decodes `%41` and `+`; undefined for a broken escape. */
function unescapeQuery(text: string): string | undefined {
  if (/%(?![\da-fA-F]{2})/.test(text)) return undefined;
  const bytes: number[] = [];
  for (const part of text.replaceAll('+', ' ').split(/(%[\da-fA-F]{2})/)) {
    if (/^%[\da-fA-F]{2}$/.test(part)) bytes.push(Number.parseInt(part.slice(1), 16));
    else bytes.push(...utf8Bytes(part));
  }
  return utf8Text(Uint8Array.from(bytes));
}

/** Go's url.ParseQuery: name → all its values; pairs with a `;` or a broken escape are left out. */
export function parseQuery(query: string): Readonly<Record<string, readonly string[]>> {
  const values = new Map<string, string[]>();
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const name = unescapeQuery(equals < 0 ? pair : pair.slice(0, equals));
    const value = unescapeQuery(equals < 0 ? '' : pair.slice(equals + 1));
    if (name === undefined || value === undefined) continue;
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return Object.fromEntries(values);
}
