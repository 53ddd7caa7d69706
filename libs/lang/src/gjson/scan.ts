/**
 * Walks over JSON text without building objects, so the exact bytes of every value stay at hand.
 * Positions are UTF-16 offsets. On text that is no JSON it answers something and always ends.
 */

/** The place of one value in a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A member of an object: where its key (with quotes) and its value are. */
export interface Member {
  readonly key: Span;
  readonly value: Span;
}

const isBlank = (code: number): boolean => code <= 0x20;

/** The first offset from `index` on that is no blank. */
export function skipBlanks(json: string, index: number): number {
  let at = index;
  while (at < json.length && isBlank(json.charCodeAt(at))) at += 1;
  return at;
}

/** The offset behind the string whose opening quote is at `index`. */
export function endOfString(json: string, index: number): number {
  let at = index + 1;
  while (at < json.length) {
    const character = json.charAt(at);
    if (character === '\\') at += 2;
    else if (character === '"') return at + 1;
    else at += 1;
  }
  return json.length;
}

/** The offset behind the bracket that closes the one at `index`; strings are jumped over. */
export function endOfBrackets(json: string, index: number): number {
  let depth = 0;
  let at = index;
  while (at < json.length) {
    const character = json.charAt(at);
    if (character === '"') {
      at = endOfString(json, at);
      continue;
    }
    if (character === '{' || character === '[' || character === '(') depth += 1;
    else if (character === '}' || character === ']' || character === ')') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
    at += 1;
  }
  return json.length;
}

/** The offset behind the value that begins at `index`. */
export function endOfValue(json: string, index: number): number {
  const character = json.charAt(index);
  if (character === '"') return endOfString(json, index);
  if (character === '{' || character === '[') return endOfBrackets(json, index);
  let at = index;
  while (at < json.length && !isDelimiter(json, at)) at += 1;
  return at;
}

function isDelimiter(json: string, index: number): boolean {
  const character = json.charAt(index);
  return (
    isBlank(json.charCodeAt(index)) || character === ',' || character === ']' || character === '}'
  );
}

/** The members of the object whose `{` is at `index`, in their order. */
export function* membersOf(json: string, index: number): Generator<Member> {
  let at = index + 1;
  while (at < json.length) {
    const character = json.charAt(at);
    if (character === '}') return;
    if (character !== '"') {
      at += 1;
      continue;
    }
    const key = { start: at, end: endOfString(json, at) };
    at = skipBlanks(json, key.end);
    if (json.charAt(at) === ':') at = skipBlanks(json, at + 1);
    if (at >= json.length || json.charAt(at) === '}') return;
    const value = { start: at, end: Math.max(at + 1, endOfValue(json, at)) };
    yield { key, value };
    at = value.end;
  }
}

/** The elements of the array whose `[` is at `index`, in their order. */
export function* elementsOf(json: string, index: number): Generator<Span> {
  let at = index + 1;
  while (at < json.length) {
    const character = json.charAt(at);
    if (character === ']') return;
    if (character === ',' || isBlank(json.charCodeAt(at))) {
      at += 1;
      continue;
    }
    const value = { start: at, end: Math.max(at + 1, endOfValue(json, at)) };
    yield value;
    at = value.end;
  }
}

/** The text a JSON string (with its quotes) stands for; escapes that make no sense are kept. */
export function unquote(raw: string): string {
  const body = raw.slice(1, raw.endsWith('"') && raw.length > 1 ? -1 : undefined);
  if (!body.includes('\\')) return body;
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'string' ? value.replace(LONE_SURROGATE, '\ufffd') : body;
  } catch {
    return body;
  }
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
