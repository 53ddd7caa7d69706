import { err, ok, type Result } from '@argosy/base';
import { parseTemplate, renderTemplate } from '@argosy/lang';
import type { ParsedTemplate, TemplateScope } from '@argosy/lang';

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
}

/** Locates the tags of a text. */
export function compileText(source: string): Text {
  const tagged = source.includes('{{');
  return {
    source,
    parsed: tagged ? parseTemplate(source) : undefined,
    onlyTag: tagged ? onlyTagOf(source) : undefined,
  };
}

/** References to steps and tasks: without a value they are an error where `strict` is asked for. */
const REFERENCE_PREFIXES = ['steps.', 'tasks.'];

/**
 * Replaces the tags of a text. Those the scope does not know stay as they are; with `strict`, an
 * unknown reference to a step or task is an error.
 */
export function renderText(
  text: Text,
  scope: TemplateScope,
  strict = false,
): Result<string, string> {
  if (text.parsed === undefined) return ok(text.source);
  const strictPrefixes = strict ? REFERENCE_PREFIXES : [];
  const options = { allowUnresolved: true, strictPrefixes };
  let source = text.source;
  let parsed: ParsedTemplate = text.parsed;
  for (let pass = 0; pass < RENDER_PASSES_MAX; pass += 1) {
    const rendered = renderTemplate(parsed, scope, options);
    if (!rendered.ok) return err(rendered.error.message);
    const value = rendered.value;
    if (value === source || !value.includes('{{')) return ok(value);
    source = value;
    parsed = parseTemplate(value);
  }
  return ok(source);
}

function onlyTagOf(source: string): string | undefined {
  const trimmed = source.trim();
  if (!trimmed.startsWith('{{') || !trimmed.endsWith('}}')) return undefined;
  const inside = trimmed.slice(2, -2);
  return inside.includes('{{') || inside.includes('}}') ? undefined : inside.trim();
}
