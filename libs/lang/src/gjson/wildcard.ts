/** Comparisons allowed per character of the subject, so that hostile patterns end. */
const STEPS_PER_CHARACTER = 10_000;

/** Matches `*` (any run), `?` (one character) and `\` (next character as it is) over a whole text. */
export function wildcardMatches(text: string, pattern: string): boolean {
  if (pattern === '*') return true;
  const subject = [...text];
  const tokens = tokensOf(pattern);
  if (tokens === undefined) return false;
  // The classic two-pointer walk: remember the last star and, on a mismatch, let it take one more.
  let at = 0;
  let token = 0;
  let star = -1;
  let starAt = 0;
  let steps = (subject.length + 1) * STEPS_PER_CHARACTER;
  while (at < subject.length) {
    steps -= 1;
    if (steps < 0) return false;
    const current = tokens[token];
    if (current === '*') {
      star = token;
      starAt = at;
      token += 1;
    } else if (current !== undefined && (current === '?' || current === `=${subject[at] ?? ''}`)) {
      token += 1;
      at += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      token = star + 1;
    } else return false;
  }
  while (tokens[token] === '*') token += 1;
  return token === tokens.length;
}

/** `*`, `?` or `=` and a literal character; undefined when the pattern ends in a lone backslash. */
function tokensOf(pattern: string): readonly string[] | undefined {
  const tokens: string[] = [];
  const characters = [...pattern];
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? '';
    if (character === '*' || character === '?') {
      if (character !== '*' || tokens.at(-1) !== '*') tokens.push(character);
      continue;
    }
    if (character === '\\') index += 1;
    if (index >= characters.length) return undefined;
    tokens.push(`=${characters[index] ?? ''}`);
  }
  return tokens;
}
