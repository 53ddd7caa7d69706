/** Keys and list indices from the root of a manifest down to a field. */
export type FieldPath = readonly (string | number)[];

/**
 * Something wrong (`error`: the manifest must be refused) or doubtful (`warning`) in a manifest.
 * Lines and columns count from 1 and are given when the text of the manifest is known.
 */
export interface Problem {
  readonly message: string;
  /** The field, as in `spec.templates[0].name`; empty for the manifest as a whole. */
  readonly path: string;
  readonly severity: 'error' | 'warning';
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** Where something stands in a text; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const PLAIN_KEY = /^[A-Za-z_$][\w$-]*$/;

/** Writes a path as people do: `spec.templates[0].name`, `metadata.labels["a.b/c"]`. */
export function formatPath(path: FieldPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (!PLAIN_KEY.test(part)) text += `[${JSON.stringify(part)}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** Reads what `formatPath` writes. Parts it cannot read are left out. */
export function parsePath(text: string): FieldPath {
  const path: (string | number)[] = [];
  for (const match of text.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)) {
    if (match[1] !== undefined) path.push(Number(match[1]));
    else if (match[2] !== undefined) path.push(JSON.parse(match[2]) as string);
    else if (match[3] !== undefined) path.push(match[3]);
  }
  return path;
}

/** One line for people and editors: `file:line:column: message (field path)`. */
export function formatProblem(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined);
  const prefix = place.length === 0 ? '' : `${place.join(':')}: `;
  const kind = problem.severity === 'warning' ? 'warning: ' : '';
  const suffix = problem.path === '' ? '' : ` (${problem.path})`;
  return `${prefix}${kind}${problem.message}${suffix}`;
}

/** Stands for the errors beyond the bound on problems. */
export function moreProblems(): Problem {
  return { message: 'there are more problems; mend these first', path: '', severity: 'error' };
}

/** True when at least one problem is an error. */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}
