import { err, ok, type Result } from '@argosy/base';
import { parseTemplate, renderTemplate } from '@argosy/lang';
import type { ParsedTemplate, TemplateScope } from '@argosy/lang';
import { variableOf, type Variable } from './variable.ts';

/**
 * How often a rendered text is looked at again: a value that was put in may itself hold a tag, as
 * when a global parameter names another one.
 */
const RENDER_PASSES_MAX = 4;

/** A text of a manifest with its tags located, once for all nodes. */
export interface Text {
  readonly source: string;
  /** Undefined when the text holds no tag. */
  readonly parsed: ParsedTemplate | undefined;
  /** The text is one tag and nothing else: the tag's inside. */
  readonly onlyTag: string | undefined;
  /** Literals and variables in turn, when the text has no tags but simple ones. */
  readonly pieces: readonly (string | Variable)[] | undefined;
}

/** A scope that knows its variables without taking their tags apart. */
export interface TextScope extends TemplateScope {
  /** The value of a variable, undefined when it has none. */
  readonly valueOfVariable: (variable: Variable) => string | undefined;
}

/** Locates the tags of a text. */
export function compileText(source: string): Text {
  if (!source.includes('{{')) {
    return { source, parsed: undefined, onlyTag: undefined, pieces: undefined };
  }
  const parsed = parseTemplate(source);
  return { source, parsed, onlyTag: onlyTagOf(source), pieces: piecesOf(parsed) };
}

function piecesOf(parsed: ParsedTemplate): Text['pieces'] {
  const pieces: (string | Variable)[] = [];
  for (const part of parsed.parts) {
    if (typeof part === 'string') pieces.push(part);
    else if (part.kind === 'Simple') pieces.push(variableOf(part.text));
    else return undefined;
  }
  return parsed.problem === undefined ? pieces : undefined;
}

/** References to steps and tasks: without a value they are an error where `strict` is asked for. */
const REFERENCE_PREFIXES = ['steps.', 'tasks.'];

/**
 * Replaces the tags of a text. Those the scope does not know stay as they are; with `strict`, an
 * unknown reference to a step or task is an error.
 */
export function renderText(text: Text, scope: TextScope, strict = false): Result<string, string> {
  if (text.parsed === undefined) return ok(text.source);
  const simple = text.pieces === undefined ? undefined : renderPieces(text.pieces, scope);
  return simple === undefined ? renderParsed(text.parsed, scope, strict) : ok(simple);
}

/** The usual case: each variable has a value and no value holds a tag. Undefined when it is not so. */
function renderPieces(pieces: NonNullable<Text['pieces']>, scope: TextScope): string | undefined {
  let text = '';
  for (const piece of pieces) {
    const value = typeof piece === 'string' ? piece : scope.valueOfVariable(piece);
    if (value === undefined) return undefined;
    text += value;
  }
  return text.includes('{{') ? undefined : text;
}

function renderParsed(
  first: ParsedTemplate,
  scope: TextScope,
  strict: boolean,
): Result<string, string> {
  const strictPrefixes = strict ? REFERENCE_PREFIXES : [];
  const options = { allowUnresolved: true, strictPrefixes };
  let parsed = first;
  for (let pass = 0; pass < RENDER_PASSES_MAX; pass += 1) {
    const rendered = renderTemplate(parsed, scope, options);
    if (!rendered.ok) return err(rendered.error.message);
    const value = rendered.value;
    if (value === parsed.source || !value.includes('{{')) return ok(value);
    parsed = parseTemplate(value);
  }
  return ok(parsed.source);
}

function onlyTagOf(source: string): string | undefined {
  const trimmed = source.trim();
  if (!trimmed.startsWith('{{') || !trimmed.endsWith('}}')) return undefined;
  const inside = trimmed.slice(2, -2);
  return inside.includes('{{') || inside.includes('}}') ? undefined : inside.trim();
}
