import { hasVariable } from '../defaults/spec-walk.ts';
import type { Artifact } from '../types/artifact.ts';
import type { Parameter, ValueFrom } from '../types/parameter.ts';
import type { Template, TemplateKind } from '../types/template.ts';
import { checkLocation } from './artifact-location.ts';
import { below, type Site, type Validation } from './context.ts';
import { checkNames, parameterNameProblem } from './field-names.ts';
import { hasFiles } from './inputs.ts';
import type { VariableScope } from './scope.ts';
import { checkVariables } from './variables.ts';

interface DeclaredOutputs {
  readonly template: Template;
  readonly kind: TemplateKind;
  readonly scope: VariableScope;
}

/** Checks the declared outputs of a template. */
export function checkOutputs(validation: Validation, site: Site, declared: DeclaredOutputs): void {
  const { template, kind, scope } = declared;
  if (template.outputs === undefined) return;
  const { parameters = [], artifacts = [] } = template.outputs;
  const label = `templates.${template.name ?? ''}.outputs`;
  const at = below(site, '', 'outputs');
  const problemOf = parameterNameProblem;
  const parametersSite = below(at, '', 'parameters');
  checkNames(validation, parametersSite, `${label}.parameters`, { items: parameters, problemOf });
  const artifactsSite = below(at, '', 'artifacts');
  checkNames(validation, artifactsSite, `${label}.artifacts`, { items: artifacts, problemOf });
  const outputsSite = below(site, `${label} `, 'outputs');
  checkVariables(validation, outputsSite, template.outputs, scope);
  for (const [index, parameter] of parameters.entries()) {
    const name = `${label}.parameters.${parameter.name}`;
    checkParameter(validation, below(parametersSite, '', index), name, { parameter, kind });
  }
  for (const [index, artifact] of artifacts.entries()) {
    const name = `${label}.artifacts.${artifact.name}`;
    checkArtifact(validation, below(artifactsSite, '', index), name, { artifact, kind });
  }
}

function checkParameter(
  validation: Validation,
  site: Site,
  label: string,
  given: { readonly parameter: Parameter; readonly kind: TemplateKind },
): void {
  const { parameter, kind } = given;
  checkGlobalName(validation, site, label, parameter.globalName);
  const { value, valueFrom } = parameter;
  if (valueFrom === undefined) {
    if (value === undefined) {
      validation.report(site, `${label} does not have valueFrom or value specified`);
    }
    return;
  }
  if (value !== undefined) {
    validation.report(site, `${label} has both valueFrom and value specified. Choose one.`);
    return;
  }
  checkSources(validation, below(site, '', 'valueFrom'), label, valueFrom);
  const missing = missingSource(kind, valueFrom);
  if (missing === undefined) return;
  const message =
    `${label}.valueFrom.${missing} must be specified for ${KIND_NAMES[kind]} ` + 'templates';
  validation.report(site, message, 'valueFrom');
}

const SOURCES = [
  'path',
  'jqFilter',
  'jsonPath',
  'parameter',
  'expression',
  'configMapKeyRef',
  'supplied',
] as const;

function checkSources(
  validation: Validation,
  site: Site,
  label: string,
  valueFrom: ValueFrom,
): void {
  const given = SOURCES.filter((source) => isGiven(valueFrom[source]));
  if (given.length > 1) {
    const message =
      `${label}.valueFrom: multiple valueFrom types specified: keep one of ` +
      `${given.join(', ')}`;
    validation.report(site, message);
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== '';
}

/** Argo's names of the kinds in messages. */
const KIND_NAMES: Readonly<Record<TemplateKind, string>> = {
  container: 'Container',
  containerSet: 'ContainerSet',
  script: 'Script',
  resource: 'Resource',
  dag: 'DAG',
  steps: 'Steps',
  suspend: 'Suspend',
  data: 'Data',
  http: 'HTTP',
  plugin: 'Plugin',
};

/** The source an output of that kind of template needs and does not have. */
function missingSource(kind: TemplateKind, valueFrom: ValueFrom): string | undefined {
  if (kind === 'steps' || kind === 'dag') {
    const hasSource = isGiven(valueFrom.parameter) || isGiven(valueFrom.expression);
    return hasSource ? undefined : 'parameter or expression';
  }
  if (kind === 'resource') {
    const hasSource = isGiven(valueFrom.jqFilter) || isGiven(valueFrom.jsonPath);
    return hasSource ? undefined : 'jqFilter or jsonPath';
  }
  return hasFiles(kind) && !isGiven(valueFrom.path) ? 'path' : undefined;
}

function checkArtifact(
  validation: Validation,
  site: Site,
  label: string,
  given: { readonly artifact: Artifact; readonly kind: TemplateKind },
): void {
  const { artifact, kind } = given;
  const hasPath = isGiven(artifact.path);
  const isNested = kind === 'steps' || kind === 'dag';
  if (hasFiles(kind) && !hasPath) validation.report(site, `${label}.path not specified`);
  if (isNested && hasPath) {
    validation.report(site, `${label}.path only valid in container/script templates`, 'path');
  }
  if (isGiven(artifact.from) && isGiven(artifact.fromExpression)) {
    const message =
      `${label} shouldn't have both \`from\` and \`fromExpression\` in Artifact: ` + 'keep one';
    validation.report(site, message, 'fromExpression');
  }
  checkGlobalName(validation, site, label, artifact.globalName);
  checkLocation(validation, site, label, artifact);
}

function checkGlobalName(
  validation: Validation,
  site: Site,
  label: string,
  globalName: string | undefined,
): void {
  if (globalName === undefined || globalName === '' || hasVariable(globalName)) return;
  const problem = parameterNameProblem(globalName);
  if (problem === undefined) return;
  const message = `${label}.globalName: '${globalName}' is invalid: ${problem}`;
  validation.report(site, message, 'globalName');
}

/** Variables that a step, task or hook offers to others: `<prefix>.status`, `.outputs.result` … */
export function addOutputs(
  scope: VariableScope,
  globals: VariableScope,
  prefix: string,
  producer: { readonly template: Template | undefined; readonly isExpanded: boolean },
): void {
  const { template } = producer;
  // A template known only at run time may have any outputs.
  if (template === undefined) {
    scope.addPrefix(`${prefix}.`);
    return;
  }
  for (const field of ['id', 'name', 'status', 'startedAt', 'finishedAt', 'hostNodeName']) {
    scope.add(`${prefix}.${field}`);
  }
  if (template.daemon === true) scope.add(`${prefix}.ip`);
  scope.add(`${prefix}.exitCode`, `${prefix}.outputs.result`);
  if (producer.isExpanded) scope.add(`${prefix}.outputs.parameters`);
  for (const parameter of template.outputs?.parameters ?? []) {
    scope.add(`${prefix}.outputs.parameters.${parameter.name}`);
  }
  for (const artifact of template.outputs?.artifacts ?? []) {
    scope.add(`${prefix}.outputs.artifacts.${artifact.name}`);
  }
  addGlobalOutputs(globals, template);
}

/** Outputs with a `globalName` become variables of the whole workflow. */
export function addGlobalOutputs(globals: VariableScope, template: Template): void {
  addGlobals(globals, 'workflow.outputs.parameters.', template.outputs?.parameters ?? []);
  addGlobals(globals, 'workflow.outputs.artifacts.', template.outputs?.artifacts ?? []);
}

function addGlobals(
  globals: VariableScope,
  prefix: string,
  outputs: readonly { readonly globalName?: string }[],
): void {
  for (const { globalName } of outputs) {
    if (globalName === undefined || globalName === '') continue;
    if (hasVariable(globalName)) globals.addPrefix(prefix);
    else globals.add(prefix + globalName);
  }
}
