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
  const terms: DependsTerm[] = [];
  let depth = 0;
  let wantsTerm = true;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) return err(`"${text.slice(start).trim()}" is not understood`);
    const [, operator, , task, result] = match;
    const fits = wantsTerm === canBeginTerm(operator);
    if (!fits) return err(`"${match[0].trim()}" cannot stand where it stands`);
    if (task !== undefined) terms.push(result === undefined ? { task } : { task, result });
    depth += operator === '(' ? 1 : operator === ')' ? -1 : 0;
    if (depth < 0) return err('there is a ")" too many');
    wantsTerm = operator !== undefined && operator !== ')';
  }
  if (depth > 0) return err('a ")" is missing');
  if (wantsTerm) return err('it ends where a task is due');
  return ok(terms);
}

/** A term begins with a name, `!` or `(`; the other operators come behind one. */
function canBeginTerm(operator: string | undefined): boolean {
  return operator === undefined || operator === '!' || operator === '(';
}
