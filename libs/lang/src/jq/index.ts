import type { Result } from '@argosy/base';
import { catchLang } from '../catch-lang.ts';
import { failLang, type LangError } from '../error.ts';
import { JQ_STEPS_MAX, values } from './evaluate.ts';
import { parseJq } from './parser.ts';

/** Longest filter, in UTF-16 units. */
export const JQ_SOURCE_UNITS_MAX = 100_000;

/** The first output of a filter; absent when it has none. */
export interface JqAnswer {
  readonly value?: unknown;
}

/**
 * Runs a jq filter on one JSON value and gives its first output. A subset of gojq: no `def`, `foreach`,
 * `label`, modules, dates or `@formats`; numbers are doubles; steps and sizes are bounded.
 */
export function runJq(source: string, input: unknown): Result<JqAnswer, LangError> {
  return catchLang(() => {
    if (source.length > JQ_SOURCE_UNITS_MAX) {
      failLang('Limit', `a filter may have at most ${JQ_SOURCE_UNITS_MAX} characters`);
    }
    const scope = { variables: new Map<string, unknown>(), budget: { steps: JQ_STEPS_MAX } };
    for (const value of values(parseJq(source), input, scope)) return { value };
    return {};
  });
}
