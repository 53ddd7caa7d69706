import { Lexer } from 'yaml';

/** Most multi-line quoted texts of one file that are re-indented. */
const REPAIRS_MAX = 500;

/** Most UTF-16 units read for that in all, as each repair reads the text once. */
const REPAIR_UNITS_MAX = 20_000_000;

/**
 * Go's YAML reader takes quoted text whose later lines are indented less than YAML asks for (Argo's
 * own examples have it). Indenting such lines changes nothing in the text itself, since folding
 * drops leading blanks. Gives the text with those lines indented, or undefined when there are none.
 * Lines keep their numbers.
 */
export function indentQuotedLines(text: string): string | undefined {
  let repaired = text;
  const repairsMax = Math.min(REPAIRS_MAX, Math.ceil(REPAIR_UNITS_MAX / (text.length + 1)));
  for (let count = 0; count < repairsMax; count += 1) {
    const start = unclosedQuote(repaired);
    const end = start === undefined ? undefined : closingQuote(repaired, start);
    if (start === undefined || end === undefined) return count === 0 ? undefined : repaired;
    repaired = indentBetween(repaired, start, end);
  }
  return repaired;
}

/** Offset of the first quoted text that the lexer cuts off before its closing quote. */
function unclosedQuote(text: string): number | undefined {
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    const first = token.charAt(0);
    if (CONTROL_TOKENS.has(first) && token.length === 1) continue;
    const isQuoted = first === '"' || first === "'";
    if (isQuoted && closingQuote(token, 0) === undefined) return offset;
    offset += token.length;
  }
  return undefined;
}

/**
 * Tokens that stand for no text: document mark, flow-end mark, scalar mark (byte order mark
 * aside).
 */
const CONTROL_TOKENS: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f']);

/** Offset of the quote that ends the text begun at `start`. */
function closingQuote(text: string, start: number): number | undefined {
  const quote = text.charAt(start);
  for (let index = start + 1; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (quote === '"' && character === '\\') index += 1;
    else if (character !== quote) continue;
    else if (quote === "'" && text.charAt(index + 1) === "'") index += 1;
    else return index;
  }
  return undefined;
}

function indentBetween(text: string, start: number, end: number): string {
  const lineStart = text.lastIndexOf('\n', start) + 1;
  const indent = ' '.repeat(start - lineStart + 1);
  const lines = text.slice(start, end).split('\n');
  const indented = lines.map((line, index) =>
    index === 0 || line.trim() === '' ? line : indent + line.trimStart(),
  );
  // The closing quote may stand alone on its line.
  const last = indented.at(-1) ?? '';
  if (lines.length > 1 && last.trim() === '') indented[indented.length - 1] = indent;
  return text.slice(0, start) + indented.join('\n') + text.slice(end);
}
