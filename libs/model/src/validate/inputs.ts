import type { Artifact } from '../types/artifact.ts';
import type { Arguments, Parameter } from '../types/parameter.ts';
import type { Template, TemplateKind } from '../types/template.ts';
import { checkLocation, hasLocation } from './artifact-location.ts';
import { below, type Site, type Validation } from './context.ts';
import { checkNames, parameterNameProblem } from './field-names.ts';
import type { VariableScope } from './scope.ts';

/** Kinds whose work sees files, so that artifacts have paths there. */
const KINDS_WITH_FILES: ReadonlySet<TemplateKind> = new Set([
  'container',
  'containerSet',
  'script',
]);

/** True when artifacts of a template of that kind have a `path`. */
export function hasFiles(kind: TemplateKind | undefined): boolean {
  return kind !== undefined && KINDS_WITH_FILES.has(kind);
}

/** Checks the declared inputs and makes them known in the scope. */
export function checkInputs(
  validation: Validation,
  site: Site,
  declared: {
    readonly template: Template;
    readonly kind: TemplateKind;
    readonly scope: VariableScope;
  },
): void {
  const { template, scope } = declared;
  const { parameters = [], artifacts = [] } = template.inputs ?? {};
  const label = `templates.${template.name ?? ''}.inputs`;
  const at = below(site, '', 'inputs');
  const problemOf = parameterNameProblem;
  const parametersSite = below(at, '', 'parameters');
  checkNames(validation, parametersSite, `${label}.parameters`, { items: parameters, problemOf });
  const artifactsSite = below(at, '', 'artifacts');
  checkNames(validation, artifactsSite, `${label}.artifacts`, { items: artifacts, problemOf });
  scope.add('inputs.parameters', 'inputs.artifacts');
  for (const { name } of parameters) scope.add(`inputs.parameters.${name}`);
  for (const [index, artifact] of artifacts.entries()) {
    scope.add(`inputs.artifacts.${artifact.name}`);
    if (artifact.path !== undefined) scope.add(`inputs.artifacts.${artifact.name}.path`);
    const name = `${label}.artifacts.${artifact.name}`;
    checkInputArtifact(validation, below(artifactsSite, '', index), name, {
      artifact,
      kind: declared.kind,
    });
  }
}

function checkInputArtifact(
  validation: Validation,
  site: Site,
  label: string,
  given: { readonly artifact: Artifact; readonly kind: TemplateKind },
): void {
  const { artifact, kind } = given;
  if ((artifact.from ?? '') !== '') {
    const message = `${label}.from not valid in inputs: put it in the arguments of the call`;
    validation.report(site, message, 'from');
  }
  const hasPath = (artifact.path ?? '') !== '';
  if (hasFiles(kind) && !hasPath) validation.report(site, `${label}.path not specified`);
  if ((kind === 'steps' || kind === 'dag') && hasPath) {
    validation.report(site, `${label}.path only valid in container/script templates`, 'path');
  }
  checkLocation(validation, site, label, artifact);
}

/** Every input must have a value: passed, its own, or a default. */
export function checkSupplied(
  validation: Validation,
  site: Site,
  template: Template,
  supplied: Arguments | 'any',
): void {
  if (supplied === 'any') return;
  const label = `templates.${template.name ?? ''} inputs`;
  const { parameters = [], artifacts = [] } = template.inputs ?? {};
  for (const { name } of missingOf(parameters, supplied.parameters, hasOwnValue)) {
    const message = `${label}.parameters.${name} was not supplied`;
    validation.report(site, `${message}: pass it in the arguments, or give the input a default`);
  }
  const isComplete = (input: Artifact): boolean => input.optional === true || hasLocation(input);
  for (const { name } of missingOf(artifacts, supplied.artifacts, isComplete)) {
    const message = `${label}.artifacts.${name} was not supplied`;
    validation.report(site, `${message}: pass it in the arguments, or make it optional`);
  }
}

function missingOf<Input extends { readonly name: string }>(
  inputs: readonly Input[],
  supplied: readonly { readonly name: string }[] | undefined,
  isComplete: (input: Input) => boolean,
): readonly Input[] {
  const given = namesOf(supplied);
  return inputs.filter((input) => !given.has(input.name) && !isComplete(input));
}

function namesOf(items: readonly { readonly name: string }[] | undefined): ReadonlySet<string> {
  return new Set((items ?? []).map(({ name }) => name));
}

function hasOwnValue({ value, default: fallback, valueFrom }: Parameter): boolean {
  return value !== undefined || fallback !== undefined || valueFrom !== undefined;
}
