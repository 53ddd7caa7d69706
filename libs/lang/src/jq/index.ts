import type { Result } from '@argosy/base';
import { catchLang } from '../catch-lang.ts';
import { failLang, type LangError } from '../error.ts';
import { values } from './evaluate.ts';
import { parseJq } from './parser.ts';
import { JQ_STEPS_MAX } from './scope.ts';

/** Longest filter, in UTF-16 units. */
export const JQ_SOURCE_UNITS_MAX = 100_000;

/** The first output of a filter; absent when it has none. */
export interface JqAnswer {
  readonly value?: unknown;
}

/**
 * Runs a jq filter on one JSON value and gives its first output, as gojq does. Left out: modules, `input`,
 * `now` (the same event gives the same answer whenever it is looked at) and the gamma and Bessel functions;
 * `env` is empty; numbers are doubles; steps and sizes are bounded.
 */
export function runJq(source: string, input: unknown): Result<JqAnswer, LangError> {
  return catchLang(() => {
    if (source.length > JQ_SOURCE_UNITS_MAX) {
      failLang('Limit', `a filter may have at most ${JQ_SOURCE_UNITS_MAX} characters`);
    }
    const scope = { environment: undefined, budget: { steps: JQ_STEPS_MAX } };
    for (const value of values(parseJq(source), input, scope)) return { value };
    return {};
  });
}
