import type { Template, TemplateKind } from './types/template.ts';

/** The kinds of template, in the order in which messages list them. */
export const TEMPLATE_KINDS: readonly TemplateKind[] = [
  'container',
  'containerSet',
  'steps',
  'script',
  'resource',
  'dag',
  'suspend',
  'data',
  'http',
  'plugin',
];

/** The kinds that a template has fields of; a sound template has exactly one. */
export function kindsOf(template: Template): readonly TemplateKind[] {
  return TEMPLATE_KINDS.filter((kind) => template[kind] !== undefined);
}

/** The kind of a sound template, or undefined when it has none. */
export function kindOf(template: Template): TemplateKind | undefined {
  return kindsOf(template)[0];
}
