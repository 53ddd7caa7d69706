import { parseTemplate, type ParsedTag } from '@argosy/lang';
import { nearestName } from '../parse/suggestion.ts';
import type { FieldPath } from '../problem.ts';
import type { Site, Validation } from './context.ts';
import type { VariableScope } from './scope.ts';

/** Only tags that begin so are Argo's own; any other text in braces is left alone. */
const CHECKED_PREFIXES = ['item.', 'steps.', 'inputs.', 'outputs.', 'pod.', 'workflow.', 'tasks.'];

/** Known only while the workflow runs, or in metrics about the template itself. */
const RUNTIME_PREFIXES = [
  'outputs.',
  'workflow.creationTimestamp',
  'workflow.scheduledTime',
  'workflow.duration',
  'tasks.name',
  'steps.name',
];

/**
 * Reports every `{{tag}}` in the texts of a value that has no variable. Expression tags are checked
 * for their grammar only, as their variables depend on what runs; a bad one is warned of.
 */
export function checkVariables(
  validation: Validation,
  site: Site,
  value: unknown,
  scope: VariableScope,
): void {
  for (const { text, path } of textsWithTags(value)) {
    const parsed = parseTemplate(text);
    if (parsed.problem !== undefined) {
      validation.warn(site, `${parsed.problem.message}: close the tag or escape it`, ...path);
    }
    for (const part of parsed.parts) {
      if (typeof part !== 'string') checkTag(part, { validation, site, path, scope });
    }
  }
}

interface TagCheck {
  readonly validation: Validation;
  readonly site: Site;
  readonly path: FieldPath;
  readonly scope: VariableScope;
}

function checkTag(tag: ParsedTag, check: TagCheck): void {
  const { validation, site, path, scope } = check;
  if (tag.kind === 'Nested') {
    for (const piece of tag.pieces) if (typeof piece !== 'string') checkTag(piece, check);
    return;
  }
  if (tag.kind === 'Expression') {
    const program = tag.program(false);
    if (!program.ok) {
      validation.warn(site, `expression {{=${tag.text}}}: ${program.error.message}`, ...path);
    }
    return;
  }
  if (isKnown(tag.text, scope, validation.isTemplate)) return;
  const nearest = nearestName(tag.text, scope.names());
  const advice = nearest === undefined ? '' : `: did you mean {{${nearest}}}?`;
  validation.report(site, `failed to resolve ${tag.raw}${advice}`, ...path);
}

function isKnown(name: string, scope: VariableScope, isTemplate: boolean): boolean {
  if (!CHECKED_PREFIXES.some((prefix) => name.startsWith(prefix))) return true;
  if (scope.has(name)) return true;
  if (RUNTIME_PREFIXES.some((prefix) => name.startsWith(prefix))) return true;
  // Whoever uses a template on its own may bring more parameters, labels and annotations.
  return isTemplate && /^workflow\.(parameters|labels|annotations)/.test(name);
}

interface LocatedText {
  readonly text: string;
  readonly path: FieldPath;
}

/** Every text in a JSON value that holds a tag, keys of maps included, with its path. */
export function textsWithTags(value: unknown): readonly LocatedText[] {
  const found: LocatedText[] = [];
  collectTexts(value, [], found);
  return found;
}

/** `path` is one array that grows and shrinks; copies are made only of what is found. */
function collectTexts(value: unknown, path: (string | number)[], found: LocatedText[]): void {
  if (typeof value === 'string') {
    if (value.includes('{{')) found.push({ text: value, path: [...path] });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      path.push(index);
      collectTexts(value[index], path, found);
      path.pop();
    }
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (key.includes('{{')) found.push({ text: key, path: [...path] });
    path.push(key);
    collectTexts(item, path, found);
    path.pop();
  }
}

/** Simple tags of a text, those nested in others left out: `['tasks.A.status']`. */
export function simpleTagsOf(text: string): readonly string[] {
  if (!text.includes('{{')) return [];
  return parseTemplate(text).parts.flatMap((part) =>
    typeof part !== 'string' && part.kind === 'Simple' ? [part.text] : [],
  );
}

/** Parts of steps, tasks and templates that are looked at with variables of their own. */
const BODIES: ReadonlySet<string> = new Set(['hooks', 'inline', 'inputs', 'outputs', 'metrics']);

/** The object without these parts. */
export function withoutBodies(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([field]) => !BODIES.has(field)));
}
