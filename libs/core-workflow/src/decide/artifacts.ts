import { err, ok, type Result } from '@argosy/base';
import { compileExpr, evaluateExpr } from '@argosy/lang';
import type { Artifact } from '@argosy/model';
import type { ArtifactArgumentPlan, CallPlan } from '../plan/call.ts';
import { renderTagged } from '../plan/tagged.ts';
import type { InputArtifactPlan, TemplatePlan } from '../plan/template.ts';
import { compileText, renderText } from '../plan/text.ts';
import type { VariableScope } from '../scope/variables.ts';
import { renderReference } from './references.ts';

/** Fields of an artifact that say where it lies; `subPath` is added to their key. */
const KEYED_LOCATIONS = ['s3', 'gcs', 'oss', 'azure', 'hdfs', 'plugin', 'artifactory', 'http'];
const KEY_FIELDS = ['key', 'blob', 'path', 'url'];
const LOCATIONS = [...KEYED_LOCATIONS, 'git', 'raw'];

/** The input artifacts of a template, with the location of what each of them is. */
export function resolveInputArtifacts(
  plan: TemplatePlan,
  call: CallPlan,
  scopes: { readonly caller: VariableScope; readonly callee: VariableScope },
): Result<readonly Artifact[], string> {
  const artifacts: Artifact[] = [];
  for (const input of plan.artifacts) {
    const argument = call.artifacts.find((candidate) => candidate.name === input.artifact.name);
    const resolved = resolveInputArtifact(input, argument, scopes);
    if (!resolved.ok) return resolved;
    if (resolved.value !== undefined) artifacts.push(resolved.value);
  }
  return ok(artifacts);
}

function resolveInputArtifact(
  input: InputArtifactPlan,
  argument: ArtifactArgumentPlan | undefined,
  scopes: { readonly caller: VariableScope; readonly callee: VariableScope },
): Result<Artifact | undefined, string> {
  const { artifact } = input;
  const own = renderTagged(input.tagged, scopes.callee);
  if (!own.ok) return own;
  const base = own.value as Artifact;
  if (argument === undefined) {
    if (hasLocation(base) || artifact.optional === true) return ok(base);
    return err(`inputs.artifacts.${artifact.name} was not supplied`);
  }
  const given = resolveArgument(argument, scopes.caller);
  if (!given.ok) return given;
  if (given.value === undefined) {
    const optional = artifact.optional === true || argument.artifact.optional === true;
    if (optional) return ok({ ...withoutLocation(base), optional: true });
    return err(`unable to resolve references: artifact '${artifact.name}' has no source`);
  }
  return ok(join(base, given.value));
}

/** The artifact that an argument names; undefined when its producer has not made it. */
function resolveArgument(
  argument: ArtifactArgumentPlan,
  scope: VariableScope,
): Result<Artifact | undefined, string> {
  const rest = renderTagged(argument.rest, scope);
  if (!rest.ok) return rest;
  const source = findSource(argument.artifact, scope);
  if (!source.ok) return source;
  const found = source.value === 'None' ? (rest.value as Artifact) : source.value;
  if (found === undefined || argument.subPath === undefined) return ok(found);
  const subPath = renderReference(argument.subPath, scope);
  return subPath.ok ? ok(appendToKey(found, subPath.value)) : subPath;
}

/** What `from` or `fromExpression` means; `None` when the artifact has neither. */
export function findSource(
  artifact: Pick<Artifact, 'name' | 'from' | 'fromExpression'>,
  scope: VariableScope,
): Result<Artifact | undefined | 'None', string> {
  if (artifact.fromExpression !== undefined && artifact.fromExpression !== '') {
    return evaluateSource(artifact.fromExpression, scope);
  }
  if (artifact.from === undefined || artifact.from === '') return ok('None');
  const text = compileText(artifact.from);
  // Inner tags first: {{steps.{{item}}.outputs.artifacts.x}}.
  const tag = text.onlyTag ?? innerTag(artifact.from, scope);
  const found = scope.findArtifact(tag);
  return ok('kind' in found ? undefined : found);
}

function innerTag(from: string, scope: VariableScope): string {
  const inside = from.trim().replace(/^\{\{/, '').replace(/\}\}$/, '');
  const rendered = renderText(compileText(inside), scope);
  return rendered.ok ? rendered.value.trim() : inside;
}

function evaluateSource(
  expression: string,
  scope: VariableScope,
): Result<Artifact | undefined, string> {
  const source = expression
    .trim()
    .replace(/^\{\{=?/, '')
    .replace(/\}\}$/, '');
  const program = compileExpr(source);
  if (!program.ok) return err(`invalid fromExpression '${expression}': ${program.error.message}`);
  const value = evaluateExpr(program.value, scope.env());
  if (!value.ok) return err(`failed to evaluate '${expression}': ${value.error.message}`);
  if (typeof value.value !== 'object' || value.value === null) return ok(undefined);
  return ok(value.value as unknown as Artifact);
}

/** Whether an artifact says where it lies. */
export function hasLocation(artifact: Artifact): boolean {
  return LOCATIONS.some((kind) => Object.hasOwn(artifact, kind));
}

/** The declared artifact at the place of the given one. */
export function join(declared: Artifact, given: Artifact): Artifact {
  const location = Object.fromEntries(
    Object.entries(given).filter(([key]) => LOCATIONS.includes(key) || key === 'archive'),
  );
  return { ...location, ...withoutLocation(declared) };
}

function withoutLocation(artifact: Artifact): Artifact {
  const fields = Object.entries(artifact).filter(
    ([key]) => !LOCATIONS.includes(key) && key !== 'from' && key !== 'fromExpression',
  );
  return Object.fromEntries(fields) as unknown as Artifact;
}

function appendToKey(artifact: Artifact, subPath: string): Artifact {
  const entries = Object.entries(artifact).map(([kind, location]: [string, unknown]) => {
    if (!KEYED_LOCATIONS.includes(kind)) return [kind, location];
    if (typeof location !== 'object' || location === null) return [kind, location];
    return [kind, appendToFields(location, subPath)];
  });
  return Object.fromEntries(entries) as Artifact;
}

function appendToFields(location: object, subPath: string): object {
  return Object.fromEntries(
    Object.entries(location).map(([field, value]: [string, unknown]) => {
      if (!KEY_FIELDS.includes(field) || typeof value !== 'string') return [field, value];
      return [field, `${value.replace(/\/+$/, '')}/${subPath.replace(/^\/+/, '')}`];
    }),
  );
}
