import { err, ok, type Result } from '@argosy/base';
import { langError, type LangError } from '../error.ts';
import { evaluateExpr, exprValueToText, type ExprProgram } from '../expr/index.ts';
import type { ExpressionTag, NestedTag, ParsedTag, ParsedTemplate } from './parse.ts';

/** Where a template finds the values of its tags. */
export interface TemplateScope {
  /** The value of a simple tag, or undefined when it is not (yet) known. */
  readonly lookup: (tag: string) => string | undefined;
  /** Variables for expression tags; called only when there is one, so it may be built lazily. */
  readonly env: () => Readonly<Record<string, unknown>>;
}

/** How to render. */
export interface RenderOptions {
  /** Leave tags without a value as they are; else they are an `Unresolved` error. */
  readonly allowUnresolved: boolean;
  /** The text is JSON: values are escaped for the inside of a JSON string, expressions unescaped. */
  readonly json?: boolean;
  /** Tags with these prefixes (`steps.`, `tasks.`) are an error when unresolved, even if allowed. */
  readonly strictPrefixes?: readonly string[];
  /** The time for `now()` in expressions, ms since 1970. */
  readonly nowMs?: number;
}

type Rendered = Result<string, LangError>;

/** Variables that exist only late; an expression that needs one waits for it. */
const LATE_NAMES: ReadonlySet<string> = new Set(['item', 'retries', 'lastRetry']);
const LATE_PATHS: ReadonlySet<string> = new Set(['workflow.status', 'workflow.failures']);

/**
 * Replaces the tags of a template by their values. Values are not scanned for tags again.
 * @returns `Unresolved` for a tag without value (see `options`), `Evaluation` or `Syntax` for a wrong
 * expression where unresolved tags are not allowed; `offset` is the tag's place in the template.
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
    case 'Simple': {
      const value = scope.lookup(tag.text);
      if (value === undefined) return unresolved(tag, [tag.text], options);
      return ok(options.json === true ? escapeJson(value) : value);
    }
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
  const trimmed = name.trim();
  const value = scope.lookup(trimmed);
  if (value !== undefined) return ok(options.json === true ? escapeJson(value) : value);
  const raw = `{{${name}}}`;
  return unresolved({ raw, offset: tag.offset }, [trimmed], options);
}

function renderExpression(
  tag: ExpressionTag,
  scope: TemplateScope,
  options: RenderOptions,
): Rendered {
  const program = tag.program(options.json === true);
  if (!program.ok) return failed(tag, [], { error: program.error, options });
  const { identifiers } = program.value;
  const env = scope.env();
  if (options.allowUnresolved && waitsForLateName(program.value, env)) return ok(tag.raw);
  const clock = options.nowMs === undefined ? {} : { nowMs: options.nowMs };
  const result = evaluateExpr(program.value, env, clock);
  if (!result.ok) return failed(tag, identifiers, { error: result.error, options });
  if (result.value === null || result.value === undefined) {
    return unresolved(tag, identifiers, options);
  }
  const text = exprValueToText(result.value);
  return ok(options.json === true ? escapeJson(text) : text);
}

function waitsForLateName(program: ExprProgram, env: Readonly<Record<string, unknown>>): boolean {
  return program.identifiers.some((path) => {
    const dot = path.indexOf('.');
    const root = dot === -1 ? path : path.slice(0, dot);
    if (LATE_NAMES.has(root)) return !Object.hasOwn(env, root);
    return LATE_PATHS.has(path) && !hasMember(env[root], path.slice(dot + 1));
  });
}

function hasMember(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name);
}

function unresolved(
  tag: { readonly raw: string; readonly offset: number },
  names: readonly string[],
  options: RenderOptions,
): Rendered {
  if (options.allowUnresolved && !isStrict(names, options)) return ok(tag.raw);
  return err(langError('Unresolved', `failed to resolve ${tag.raw}`, tag.offset));
}

function failed(
  tag: ExpressionTag,
  names: readonly string[],
  context: { readonly error: LangError; readonly options: RenderOptions },
): Rendered {
  const { error, options } = context;
  if (options.allowUnresolved && !isStrict(names, options)) return ok(tag.raw);
  const sentence = `failed to evaluate expression ${tag.raw}: ${error.message}`;
  return err(langError(error.kind, sentence, tag.offset));
}

function isStrict(names: readonly string[], options: RenderOptions): boolean {
  const prefixes = options.strictPrefixes;
  if (prefixes === undefined || prefixes.length === 0) return false;
  return names.some((name) => prefixes.some((prefix) => name.startsWith(prefix)));
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
