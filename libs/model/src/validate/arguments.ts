import type { Artifact } from '../types/artifact.ts';
import type { Arguments, Parameter } from '../types/parameter.ts';
import { hasVariable } from '../defaults/spec-walk.ts';
import { below, type Site, type Validation } from './context.ts';
import { checkNames, parameterNameProblem } from './field-names.ts';
import { hasLocation } from './artifact-location.ts';

/**
 * Arguments as written at a call or in a spec. `label` is Argo's name of them, ending in a dot
 * (`spec.arguments.`); with `mayLackValues` values may still be supplied later.
 */
export function checkArguments(
  validation: Validation,
  site: Site,
  label: string,
  given: { readonly arguments: Arguments | undefined; readonly mayLackValues: boolean },
): void {
  const { parameters = [], artifacts = [] } = given.arguments ?? {};
  const parametersSite = below(site, '', 'parameters');
  const artifactsSite = below(site, '', 'artifacts');
  const problemOf = parameterNameProblem;
  checkNames(validation, parametersSite, `${label}parameters`, { items: parameters, problemOf });
  checkNames(validation, artifactsSite, `${label}artifacts`, { items: artifacts, problemOf });
  for (const [index, parameter] of parameters.entries()) {
    const at = below(parametersSite, '', index);
    checkValue(validation, at, label + parameter.name, { parameter, ...given });
    checkEnum(validation, at, label + parameter.name, parameter);
  }
  for (const [index, artifact] of artifacts.entries()) {
    checkArtifact(validation, below(artifactsSite, '', index), label + artifact.name, artifact);
  }
}

function checkValue(
  validation: Validation,
  site: Site,
  label: string,
  given: { readonly parameter: Parameter; readonly mayLackValues: boolean },
): void {
  const { value, valueFrom } = given.parameter;
  if (valueFrom === undefined) {
    if (value !== undefined || given.mayLackValues) return;
    validation.report(site, `${label}.value or ${label}.valueFrom is required`);
    return;
  }
  const { configMapKeyRef, event, supplied } = valueFrom;
  const isAllowed = configMapKeyRef !== undefined || event !== undefined || supplied !== undefined;
  if (isAllowed) return;
  const message = `${label}.valueFrom only allows: default, configMapKeyRef and supplied`;
  validation.report(site, message, 'valueFrom');
}

function checkEnum(validation: Validation, site: Site, label: string, parameter: Parameter): void {
  const { enum: allowed, value } = parameter;
  if (allowed === undefined) return;
  if (allowed.length === 0) {
    validation.report(site, `${label}.enum should contain at least one value`, 'enum');
    return;
  }
  if (value === undefined || hasVariable(value) || allowed.includes(value)) return;
  const list = allowed.join(', ');
  const message =
    `${label}.value should be present in ${label}.enum list: it is '${value}', use ` +
    `one of ${list}`;
  validation.report(site, message, 'value');
}

function checkArtifact(
  validation: Validation,
  site: Site,
  label: string,
  artifact: Artifact,
): void {
  const hasFrom = (artifact.from ?? '') !== '';
  const hasFromExpression = (artifact.fromExpression ?? '') !== '';
  if (hasFrom && hasFromExpression) {
    const message =
      `${label} shouldn't have both \`from\` and \`fromExpression\` in Artifact: ` + 'keep one';
    validation.report(site, message, 'fromExpression');
  }
  if (hasFrom || hasFromExpression || artifact.optional === true || hasLocation(artifact)) return;
  validation.report(site, `${label}.from, artifact location, or key is required`);
}
