import { err, ok, type Result } from '@argosy/base';
import { catchLang } from '../catch-lang.ts';
import { failLang, type LangError } from '../error.ts';
import { parseSteps } from './parse.ts';
import { accept, refuse, skipBlanks, type PathReader } from './reader.ts';
import { queryPath } from './query.ts';
import { selectAll } from './select.ts';
import type { JsonPathStep } from './step.ts';
import { parseTemplateParts, printParts } from './template.ts';

export { JSON_PATH_VALUES_MAX } from './select.ts';

/** The longest path accepted, in UTF-16 units. */
export const JSON_PATH_UNITS_MAX = 10_000;

/**
 * The function `jsonpath(json, path)` of expressions: a path as `$.store.book[0].title`. A path that can
 * select only one value gives it, or an error when it does not exist; any other (`*`, `..`, slices,
 * filters, several names) gives the list of what it selects, nested where two steps select several.
 */
export function queryJsonPath(path: string, value: unknown): Result<unknown, LangError> {
  return catchLang(() => {
    const found = queryPath(value, parseQuery(path));
    return 'value' in found ? found.value : failLang('Unresolved', found.missing);
  });
}

function parseQuery(path: string): readonly JsonPathStep[] {
  const reader: PathReader = { source: path, at: 0 };
  if (path.length > JSON_PATH_UNITS_MAX) return refuse(reader, 'the path is too long');
  skipBlanks(reader);
  if (!accept(reader, '$') && !accept(reader, '@')) return refuse(reader, 'expected $');
  const steps = parseSteps(reader, false);
  skipBlanks(reader);
  return reader.at < path.length ? refuse(reader, 'unexpected text') : steps;
}

/** Options of the Kubernetes dialect. */
export interface JsonPathOptions {
  /** Missing names select nothing instead of being an error. */
  readonly allowMissingKeys?: boolean;
}

/**
 * Prints a value through a Kubernetes JSONPath template: text with `{…}` in which stand a path
 * (`{.items[*].metadata.name}`), a quoted text, or `range … end`. Several values are separated by blanks;
 * text is printed as it is, lists and objects as JSON.
 */
export function printJsonPath(
  template: string,
  value: unknown,
  options: JsonPathOptions = {},
): Result<string, LangError> {
  return catchLang(() => {
    const reader: PathReader = { source: template, at: 0 };
    if (template.length > JSON_PATH_UNITS_MAX) return refuse(reader, 'the template is too long');
    const parts = parseTemplateParts(reader);
    const allowMissing = options.allowMissingKeys === true;
    return printParts(parts, value, { root: value, allowMissing, isKubernetes: true });
  });
}

/** The values a single Kubernetes path selects; the braces may be left out. */
export function findJsonPath(
  path: string,
  value: unknown,
  options: JsonPathOptions = {},
): Result<readonly unknown[], LangError> {
  const inner = /^\s*\{(.*)\}\s*$/s.exec(path)?.[1] ?? path;
  const steps = catchLang(() => {
    const reader: PathReader = { source: inner, at: 0 };
    skipBlanks(reader);
    if (!accept(reader, '$')) accept(reader, '@');
    const read = parseSteps(reader, true);
    skipBlanks(reader);
    return reader.at < inner.length ? refuse(reader, 'unexpected text') : read;
  });
  if (!steps.ok) return err(steps.error);
  const allowMissing = options.allowMissingKeys === true;
  const found = catchLang(() =>
    selectAll([value], steps.value, { root: value, allowMissing, isKubernetes: true }),
  );
  return found.ok ? ok(found.value) : found;
}
