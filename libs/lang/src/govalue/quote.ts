const NAMED: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
};

/** Quotes a text as Go's `%q`: escapes what is not printable, keeps other Unicode. */
export function goQuote(text: string): string {
  let result = '"';
  for (const character of text) {
    const named = NAMED[character];
    if (named !== undefined) result += named;
    else if (character === ' ' || !/[\p{C}\p{Z}]/u.test(character)) result += character;
    else result += hexEscape(character.codePointAt(0) ?? 0);
  }
  return `${result}"`;
}

function hexEscape(code: number): string {
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code >= 0xd800 && code <= 0xdfff) return '\\ufffd';
  if (code > 0xffff) return `\\U${code.toString(16).padStart(8, '0')}`;
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
