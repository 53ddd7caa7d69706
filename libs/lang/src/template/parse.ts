import { langError, type LangError } from '../error.ts';
import { compileExpr, type ExprProgram } from '../expr/index.ts';
import type { Result } from '@argosy/base';

/** How deep tags may nest: `{{a.{{b.{{c}}}}}}` is 3. */
export const TAG_DEPTH_MAX = 8;

/** A `{{…}}` found in a text. */
export interface TemplateTag {
  readonly kind: 'Simple' | 'Expression' | 'Nested';
  /** A simple tag's trimmed name, an expression's source, or a nested tag's whole inside. */
  readonly text: string;
  /** The tag as written, with its braces. */
  readonly raw: string;
  /** Where it starts in the text, in UTF-16 units. */
  readonly offset: number;
}

/** A nested tag's name: literal pieces and tags in turn. */
export interface NestedTag extends TemplateTag {
  readonly kind: 'Nested';
  readonly pieces: readonly (string | ParsedTag)[];
}

/** An expression tag; `program` compiles on first use and remembers the outcome. */
export interface ExpressionTag extends TemplateTag {
  readonly kind: 'Expression';
  readonly program: (json: boolean) => Result<ExprProgram, LangError>;
}

/** A tag whose name is looked up as it stands. */
export interface SimpleTag extends TemplateTag {
  readonly kind: 'Simple';
}

export type ParsedTag = SimpleTag | ExpressionTag | NestedTag;

/** A text cut at its tags; immutable, made once and rendered many times. */
export interface ParsedTemplate {
  readonly source: string;
  /** Literal texts and tags in order; empty literals are left out. */
  readonly parts: readonly (string | ParsedTag)[];
  /** Set when a `{{` has no `}}`: rendering fails with it. */
  readonly problem: LangError | undefined;
}

/**
 * Cuts a text at its `{{tags}}`. An expression tag (`{{=…}}`) ends at the first `}}`, as in Argo; other
 * tags may hold tags, as `{{inputs.parameters.{{item}}}}`. Never fails: see `problem`.
 */
export function parseTemplate(source: string): ParsedTemplate {
  const parts: (string | ParsedTag)[] = [];
  let at = 0;
  for (;;) {
    const open = source.indexOf('{{', at);
    if (open === -1) break;
    const tag = parseTag(source, open, 1);
    if (tag === undefined) {
      return { source, parts, problem: unclosed(source, open) };
    }
    if (open > at) parts.push(source.slice(at, open));
    parts.push(tag);
    at = open + tag.raw.length;
  }
  if (at < source.length) parts.push(source.slice(at));
  return { source, parts, problem: undefined };
}

function unclosed(source: string, open: number): LangError {
  const shown = JSON.stringify(source.slice(open, open + 60));
  return langError('Syntax', `the tag starting at ${shown} has no closing "}}"`, open);
}

function parseTag(source: string, open: number, depth: number): ParsedTag | undefined {
  const close = source.indexOf('}}', open + 2);
  if (close === -1) return undefined;
  const inner = source.indexOf('{{', open + 2);
  const isExpression = isExpressionAt(source, open + 2);
  const nested = inner !== -1 && inner < close && !isExpression && depth < TAG_DEPTH_MAX;
  if (nested) return parseNestedTag(source, open, depth);
  const body = source.slice(open + 2, close);
  const raw = source.slice(open, close + 2);
  if (!isExpression) return { kind: 'Simple', text: body.trim(), raw, offset: open };
  const text = body.slice(body.indexOf('=') + 1);
  return { kind: 'Expression', text, raw, offset: open, program: expressionMemo(text) };
}

/** Whether the first character behind the braces that is not blank is `=`. */
function isExpressionAt(source: string, at: number): boolean {
  let index = at;
  while (source.charAt(index) === ' ') index += 1;
  return source.charAt(index) === '=';
}

function parseNestedTag(source: string, open: number, depth: number): ParsedTag | undefined {
  const pieces: (string | ParsedTag)[] = [];
  let at = open + 2;
  for (;;) {
    const close = source.indexOf('}}', at);
    if (close === -1) return undefined;
    const inner = source.indexOf('{{', at);
    if (inner === -1 || inner > close) {
      pieces.push(source.slice(at, close));
      const raw = source.slice(open, close + 2);
      return { kind: 'Nested', text: raw.slice(2, -2).trim(), raw, offset: open, pieces };
    }
    const tag = parseTag(source, inner, depth + 1);
    if (tag === undefined) return undefined;
    pieces.push(source.slice(at, inner), tag);
    at = inner + tag.raw.length;
  }
}

/** Compiles once for plain text and once for JSON text, where quotes and backslashes are escaped. */
function expressionMemo(text: string): (json: boolean) => Result<ExprProgram, LangError> {
  let plain: Result<ExprProgram, LangError> | undefined;
  let unescaped: Result<ExprProgram, LangError> | undefined;
  return (json) => {
    if (!json) return (plain ??= compileExpr(text));
    return (unescaped ??= compileUnescaped(text));
  };
}

function compileUnescaped(text: string): Result<ExprProgram, LangError> {
  try {
    const source: unknown = JSON.parse(`"${text}"`);
    return compileExpr(String(source));
  } catch {
    const sentence = `the expression ${text} is not inside a JSON string`;
    return { ok: false, error: langError('Syntax', sentence) };
  }
}

/** All tags of a template in order, those inside nested tags included. */
export function tagsOf(parsed: ParsedTemplate): readonly ParsedTag[] {
  return parsed.parts.flatMap(tagsOfPart);
}

function tagsOfPart(part: string | ParsedTag): readonly ParsedTag[] {
  if (typeof part === 'string') return [];
  return part.kind === 'Nested' ? [part, ...part.pieces.flatMap(tagsOfPart)] : [part];
}
