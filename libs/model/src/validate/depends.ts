import { err, ok, type Result } from '@argosy/base';

/** One task named in a `depends` text, with the result asked for (`A.Failed`), if any. */
export interface DependsTerm {
  readonly task: string;
  readonly result?: string;
}

/** The results a task may be asked for. */
export const TASK_RESULTS: ReadonlySet<string> = new Set([
  'Succeeded',
  'Failed',
  'Errored',
  'Skipped',
  'Omitted',
  'Daemoned',
  'AnySucceeded',
  'AllFailed',
]);

/** Most characters of one `depends` text. */
const DEPENDS_LENGTH_MAX = 100_000;

const TOKEN = /\s*(?:(&&|\|\||!|\(|\))|(['"]?)([a-zA-Z0-9][-a-zA-Z0-9_]*)(?:\.([A-Za-z]+))?\2)/y;

/**
 * The tasks that a `depends` text names. The text is a boolean expression of terms with `&&`, `||`,
 * `!` and parentheses; an error sentence says what does not fit.
 */
export function dependsTerms(text: string): Result<readonly DependsTerm[], string> {
  if (text.length > DEPENDS_LENGTH_MAX) {
    return err(`it is longer than ${DEPENDS_LENGTH_MAX} characters`);
  }
  const reading: Reading = { terms: [], depth: 0, wantsTerm: true };
  TOKEN.lastIndex = 0;
  const length = text.trimEnd().length;
  while (TOKEN.lastIndex < length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) return err(`"${text.slice(start).trim()}" is not understood`);
    const problem = readToken(match, reading);
    if (problem !== undefined) return err(problem);
  }
  if (reading.depth > 0) return err('a ")" is missing');
  if (reading.wantsTerm) return err('it ends where a task is due');
  return ok(reading.terms);
}

interface Reading {
  readonly terms: DependsTerm[];
  /** Parentheses open. */
  depth: number;
  wantsTerm: boolean;
}

function readToken(match: RegExpExecArray, reading: Reading): string | undefined {
  const [token, operator, , task, result] = match;
  if (reading.wantsTerm !== canBeginTerm(operator)) {
    return `"${token.trim()}" cannot stand where it stands`;
  }
  if (task !== undefined) reading.terms.push(result === undefined ? { task } : { task, result });
  if (operator === '(') reading.depth += 1;
  if (operator === ')') reading.depth -= 1;
  reading.wantsTerm = operator !== undefined && operator !== ')';
  return reading.depth < 0 ? 'there is a ")" too many' : undefined;
}

/** A term begins with a name, `!` or `(`; the other operators come behind one. */
function canBeginTerm(operator: string | undefined): boolean {
  return operator === undefined || operator === '!' || operator === '(';
}
