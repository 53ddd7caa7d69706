import type { Result } from '@argosy/base';
import { catchLang } from '../catch-lang.ts';
import { failLang, type LangError } from '../error.ts';
import { builtinFunctions, type TemplateFunction } from './builtins.ts';
import { executeNodes } from './execute.ts';
import { lexTemplate } from './lexer.ts';
import { parsePieces, type ParsedNodes } from './parser.ts';

/** The longest template accepted, in UTF-16 units. */
export const GO_TEMPLATE_UNITS_MAX = 1_000_000;

/** A parsed Go template with the functions it may call; immutable. */
export interface GoTemplate {
  readonly parsed: ParsedNodes;
  readonly functions: ReadonlyMap<string, TemplateFunction>;
}

/** Functions besides Go's own, for example sprig's. */
export interface GoTemplateOptions {
  readonly functions?: Readonly<Record<string, TemplateFunction>>;
}

/** Parses a text/template of Go; a function that does not exist is a syntax error. */
export function parseGoTemplate(
  source: string,
  options: GoTemplateOptions = {},
): Result<GoTemplate, LangError> {
  const functions = new Map([...builtinFunctions, ...Object.entries(options.functions ?? {})]);
  return catchLang(() => {
    if (source.length > GO_TEMPLATE_UNITS_MAX) {
      failLang('Limit', `a template may have at most ${GO_TEMPLATE_UNITS_MAX} characters`);
    }
    const parsed = parsePieces(lexTemplate(source), (name) => functions.has(name));
    return { parsed, functions };
  });
}

/**
 * Executes a template on Go values (int = bigint, float64 = number, nil = null). A missing key of a map
 * prints `<no value>`, as in Go.
 */
export function executeGoTemplate(template: GoTemplate, data: unknown): Result<string, LangError> {
  return catchLang(() => executeNodes(template.parsed, data, template.functions));
}

/** Parses and executes in one go. */
export function renderGoTemplate(
  source: string,
  data: unknown,
  options: GoTemplateOptions = {},
): Result<string, LangError> {
  const template = parseGoTemplate(source, options);
  return template.ok ? executeGoTemplate(template.value, data) : template;
}
