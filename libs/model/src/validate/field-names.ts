import { below, type Site, type Validation } from './context.ts';

const FIELD_NAME_LENGTH_MAX = 128;
const STEP_NAME = /^[a-zA-Z0-9][-a-zA-Z0-9]*$/;
const PARAMETER_NAME = /^[-a-zA-Z0-9_]+$/;
const TAG = /\{\{.*?\}\}/g;

/**
 * What is wrong with the name of a template, step or task, or undefined. Tags in it are let pass.
 */
export function stepNameProblem(name: string): string | undefined {
  if (name.length > FIELD_NAME_LENGTH_MAX) return tooLong;
  const skeleton = name.replaceAll(TAG, '');
  if (skeleton === '' || STEP_NAME.test(skeleton)) return undefined;
  // With a tag before it, the rest may begin with a dash.
  if (name.startsWith('{{') && /^[-a-zA-Z0-9]*$/.test(skeleton)) return undefined;
  return 'it must consist of letters, digits and "-", and begin with a letter or digit';
}

/** What is wrong with the name of a parameter or artifact, or undefined. */
export function parameterNameProblem(name: string): string | undefined {
  if (name.length > FIELD_NAME_LENGTH_MAX) return tooLong;
  if (PARAMETER_NAME.test(name)) return undefined;
  return 'it must consist of letters, digits, "_" and "-"';
}

const tooLong = `it must be no more than ${FIELD_NAME_LENGTH_MAX} characters long`;

/**
 * Names of a list of things must be there, well-formed and unique. `label` is how Argo calls the
 * list, as in `spec.templates` or `templates.a.inputs.parameters`.
 */
export function checkNames(
  validation: Validation,
  site: Site,
  label: string,
  named: {
    readonly items: readonly { readonly name?: string }[];
    readonly problemOf: (name: string) => string | undefined;
  },
): void {
  const seen = new Set<string>();
  for (const [index, item] of named.items.entries()) {
    const at = below(site, '', index, 'name');
    const name = item.name ?? '';
    if (name === '') {
      validation.report(below(site, '', index), `${label}[${index}].name is required`);
      continue;
    }
    const problem = named.problemOf(name);
    if (problem !== undefined) {
      validation.report(at, `${label}[${index}].name: '${name}' is invalid: ${problem}`);
    }
    if (seen.has(name)) {
      validation.report(at, `${label}[${index}].name '${name}' is not unique: rename one of them`);
    }
    seen.add(name);
  }
}
