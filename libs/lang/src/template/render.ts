import { err, ok, type Result } from '@argosy/base';
import { langError, type LangError } from '../error.ts';
import { evaluateExpr, exprValueToJson, isFunctionName, type ExprProgram } from '../expr/index.ts';
import type { ExpressionTag, NestedTag, ParsedTag, ParsedTemplate } from './parse.ts';

/** Where a template finds the values of its tags. */
export interface TemplateScope {
  /**
   * The value of a simple tag; undefined when it is not (yet) known; null when it is known to have
   * no value (the output of a skipped step without default), which is an error in a simple tag.
   */
  readonly lookup: (tag: string) => string | null | undefined;
  /** Variables for expression tags; called only when there is one, so it may be built lazily. */
  readonly env: () => Readonly<Record<string, unknown>>;
}

/** How to render. */
export interface RenderOptions {
  /** Leave tags without a value as they are; else they are an `Unresolved` error. */
  readonly allowUnresolved: boolean;
  /** The text is JSON: values are escaped for the inside of a JSON string, expressions unescaped. */
  readonly json?: boolean;
  /**
   * Tags with these prefixes (`steps.`, `tasks.`) are an error when unresolved, even if allowed.
   * Artifacts (`.outputs.artifacts.`) are exempt: they may be optional and are resolved later.
   */
  readonly strictPrefixes?: readonly string[];
  /** Leave an expression that fails or gives nil as it is: for checking with stand-in values. */
  readonly tolerateFailures?: boolean;
  /** The time for `now()` in expressions, ms since 1970. */
  readonly nowMs?: number;
}

type Rendered = Result<string, LangError>;

/** Variables that exist only late; an expression that needs one waits for it. */
const LATE_PATHS: ReadonlySet<string> = new Set([
  'item',
  'retries',
  'lastRetry.exitCode',
  'lastRetry.status',
  'lastRetry.duration',
  'lastRetry.message',
  'workflow.status',
  'workflow.failures',
]);

/**
 * Replaces the tags of a template by their values. Values are not scanned for tags again.
 *
 * An expression all of whose variables exist must succeed and give a value. One with a missing
 * variable stays verbatim where unresolved tags are allowed, unless it gives a value all the same
 * (`inputs.parameters.x ?? 'a'`) and none of the missing ones is a late variable.
 * @returns `Unresolved` for a tag or variable without value (see `options`), `Evaluation` or `Syntax`
 * for a wrong expression; `offset` is the tag's place in the template.
 */
export function renderTemplate(
  parsed: ParsedTemplate,
  scope: TemplateScope,
  options: RenderOptions,
): Rendered {
  if (parsed.problem !== undefined) return err(parsed.problem);
  let text = '';
  for (const part of parsed.parts) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    const rendered = renderTag(part, scope, options);
    if (!rendered.ok) return rendered;
    text += rendered.value;
  }
  return ok(text);
}

function renderTag(tag: ParsedTag, scope: TemplateScope, options: RenderOptions): Rendered {
  switch (tag.kind) {
    case 'Simple':
      return renderName(tag, tag.text, { scope, options });
    case 'Nested':
      return renderNested(tag, scope, options);
    case 'Expression':
      return renderExpression(tag, scope, options);
  }
}

/** First the inner tags, then the tag whose name they make. */
function renderNested(tag: NestedTag, scope: TemplateScope, options: RenderOptions): Rendered {
  let name = '';
  for (const piece of tag.pieces) {
    const rendered = typeof piece === 'string' ? ok(piece) : renderTag(piece, scope, options);
    if (!rendered.ok) return rendered;
    name += rendered.value;
  }
  const raw = `{{${name}}}`;
  return renderName({ raw, offset: tag.offset }, name.trim(), { scope, options });
}

interface Context {
  readonly scope: TemplateScope;
  readonly options: RenderOptions;
}

type Place = Pick<ParsedTag, 'raw' | 'offset'>;

function renderName(tag: Place, name: string, context: Context): Rendered {
  const value = context.scope.lookup(name);
  if (typeof value === 'string') {
    return ok(context.options.json === true ? escapeJson(value) : value);
  }
  if (value === null) {
    const reason = 'output is an absent optional (skipped/omitted node with no default)';
    return err(langError('Evaluation', `unable to substitute ${tag.raw}: ${reason}`, tag.offset));
  }
  if (mayStay(name, context.options)) return ok(tag.raw);
  return err(langError('Unresolved', `failed to resolve ${tag.raw}`, tag.offset));
}

/** Whether a name without value may be left for a later rendering. */
function mayStay(name: string, options: RenderOptions): boolean {
  if (!options.allowUnresolved) return false;
  if (name.includes('.outputs.artifacts.')) return true;
  return options.strictPrefixes?.some((prefix) => name.startsWith(prefix)) !== true;
}

function renderExpression(
  tag: ExpressionTag,
  scope: TemplateScope,
  options: RenderOptions,
): Rendered {
  const program = tag.program(options.json === true);
  if (!program.ok) return failed(tag, program.error);
  const env = scope.env();
  const missing = program.value.identifiers.filter((path) => !hasPath(env, path));
  const needed = missing.find((path) => !mayStay(path, options));
  if (needed !== undefined) {
    return failed(tag, langError('Unresolved', `${needed} is missing`));
  }
  if (missing.some((path) => LATE_PATHS.has(path))) return ok(tag.raw);
  return evaluateTag(tag, program.value, {
    env,
    options,
    mayFail: missing.length > 0 || options.tolerateFailures === true,
  });
}

interface TagEvaluation {
  readonly env: Readonly<Record<string, unknown>>;
  readonly options: RenderOptions;
  /** A failure or nil leaves the tag as it is. */
  readonly mayFail: boolean;
}

function evaluateTag(
  tag: ExpressionTag,
  program: ExprProgram,
  evaluation: TagEvaluation,
): Rendered {
  const { env, options, mayFail } = evaluation;
  const clock = options.nowMs === undefined ? {} : { nowMs: options.nowMs };
  const result = evaluateExpr(program, env, clock);
  if (!result.ok) return mayFail ? ok(tag.raw) : failed(tag, result.error);
  if (result.value === null || result.value === undefined) {
    const nil = langError(
      'Evaluation',
      'its value is nil; add a fallback with ?? if it may be absent',
    );
    return mayFail ? ok(tag.raw) : failed(tag, nil);
  }
  const text = exprValueToJson(result.value);
  if (!text.ok) return mayFail ? ok(tag.raw) : failed(tag, text.error);
  return ok(options.json === true ? escapeJson(text.value) : text.value);
}

/** Whether a dotted path leads to a key that exists, even if its value is nil. */
function hasPath(env: Readonly<Record<string, unknown>>, path: string): boolean {
  if (Object.hasOwn(env, path) || isFunctionName(path)) return true;
  let at: unknown = env;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return false;
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return true;
}

function failed(tag: ExpressionTag, error: LangError): Rendered {
  const sentence = `failed to evaluate expression ${tag.raw}: ${error.message}`;
  return err(langError(error.kind, sentence, tag.offset));
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;

/** The inside of the JSON string that holds the text; most texts need no change and are not copied. */
function escapeJson(text: string): string {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const special = code < FIRST_PRINTABLE || code === QUOTE || code === BACKSLASH;
    // Lone surrogates need an escape to stay valid JSON; pairs take the same slow path.
    if (special || (code >= 0xd800 && code <= 0xdfff)) return JSON.stringify(text).slice(1, -1);
  }
  return text;
}
