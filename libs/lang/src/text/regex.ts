import { RE2JS } from 're2js';
import { failLang } from '../error.ts';

/** How many compiled expressions are remembered; the oldest goes first. */
const REGEX_CACHE_MAX = 256;
/** The longest regular expression accepted, in UTF-16 units. */
const REGEX_UNITS_MAX = 10_000;

// A memo of a pure function: the same source always gives the same automaton.
const compiled = new Map<string, RE2JS>();

/** Compiles a regular expression of Go's dialect (RE2, linear time). Throws LangFailure. */
export function compileRegex(source: string, offset?: number): RE2JS {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  if (source.length > REGEX_UNITS_MAX) {
    return failLang('Limit', `a regular expression may have ${REGEX_UNITS_MAX} characters`, offset);
  }
  const regex = tryCompile(source, offset);
  if (compiled.size >= REGEX_CACHE_MAX) {
    const oldest = compiled.keys().next();
    if (oldest.done !== true) compiled.delete(oldest.value);
  }
  compiled.set(source, regex);
  return regex;
}

function tryCompile(source: string, offset?: number): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return failLang('Evaluation', reason, offset);
  }
}

/** Whether the text has a match anywhere. */
export function matchesRegex(source: string, text: string, offset?: number): boolean {
  return compileRegex(source, offset).matcher(text).find();
}
