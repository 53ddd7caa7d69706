import { err, ok, type Result } from '@argosy/base';
import { catchLang } from '../catch-lang.ts';
import { langError, type LangError } from '../error.ts';
import { goValueText } from '../govalue/index.ts';
import { evaluateWhenNode, type GovaluateLookup } from './evaluate.ts';
import { lexWhen } from './lexer.ts';
import type { WhenNode } from './node.ts';
import { checkPatterns, checkSyntax, parseWhen } from './parser.ts';

export type { GovaluateLookup } from './evaluate.ts';

/** The longest expression accepted, in UTF-16 units; a `when` may carry a large parameter. */
export const WHEN_SOURCE_UNITS_MAX = 1_000_000;

/** A parsed govaluate expression; immutable. */
export interface GovaluateProgram {
  readonly source: string;
  readonly root: WhenNode | undefined;
  /** Names of the variables it reads, in order of appearance. */
  readonly variables: readonly string[];
}

/** Parses a govaluate expression, as Argo Events' `exprs` filters have it. */
export function compileGovaluate(source: string): Result<GovaluateProgram, LangError> {
  return parse(source, false);
}

function parse(source: string, barewords: boolean): Result<GovaluateProgram, LangError> {
  if (source.length > WHEN_SOURCE_UNITS_MAX) {
    const sentence = `an expression may have at most ${WHEN_SOURCE_UNITS_MAX} characters`;
    return err(langError('Limit', sentence));
  }
  return catchLang(() => {
    const read = lexWhen(source);
    checkSyntax(read);
    const tokens = barewords
      ? read.map((token) =>
          token.kind === 'VARIABLE' ? { ...token, kind: 'STRING' as const } : token,
        )
      : read;
    // Text may not stand where a variable may: `!foo` is refused once foo is text.
    if (barewords) {
      checkPatterns(read);
      checkSyntax(tokens);
    }
    const variables = tokens
      .filter((token) => token.kind === 'VARIABLE')
      .map((token) => String(token.value));
    return { source, root: parseWhen(tokens), variables };
  });
}

/**
 * Evaluates a program. Numbers are float64; a parameter is looked up only when evaluation reaches it
 * (`false && x` never asks for `x`). An unknown parameter is an `Unresolved` error in Go's words.
 */
export function evaluateGovaluate(
  program: GovaluateProgram,
  lookup: GovaluateLookup,
): Result<unknown, LangError> {
  return catchLang(() => evaluateWhenNode(program.root, lookup));
}

const NO_PARAMETERS: GovaluateLookup = () => undefined;

/**
 * Whether a step runs: evaluates the text of its `when` after substitution. Unquoted words are text;
 * empty text is true. Errors are worded as the Argo Workflows controller words them.
 */
export function evaluateWhen(text: string): Result<boolean, LangError> {
  if (text === '') return ok(true);
  const program = parse(text, true);
  if (!program.ok) return err(invalidWhen(text, program.error));
  const result = evaluateGovaluate(program.value, NO_PARAMETERS);
  if (!result.ok) {
    const { kind, message } = result.error;
    return err(langError(kind, `Failed to evaluate 'when' expresion '${text}': ${message}`));
  }
  if (typeof result.value === 'boolean') return ok(result.value);
  const got = goValueText(result.value);
  return err(langError('Evaluation', `Expected boolean evaluation for '${text}'. Got ${got}`));
}

function invalidWhen(text: string, error: LangError): LangError {
  const hint = error.message.startsWith('Invalid token')
    ? ' (hint: try wrapping the affected expression in quotes ("))'
    : '';
  const sentence = `Invalid 'when' expression '${text}': ${error.message}${hint}`;
  return langError(error.kind, sentence, error.offset);
}
