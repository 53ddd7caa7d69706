import { err, ok, type Result } from '@argosy/base';
import type { Artifact, Parameter, ValueFrom } from '@argosy/model';
import type { ArgumentPlan, CallPlan } from '../plan/call.ts';
import type { InputPlan, TemplatePlan } from '../plan/template.ts';
import { compileText, renderText } from '../plan/text.ts';
import { absentSentence, renderReference } from './references.ts';
import { createScope, type VariableScope } from '../scope/variables.ts';
import { contextOf, type RunState } from '../state.ts';
import { resolveInputArtifacts } from './artifacts.ts';

export interface ResolvedInputs {
  readonly parameters: readonly (string | null)[];
  readonly artifacts: readonly Artifact[];
}

/**
 * Fills a template's inputs. An argument's value counts before its valueFrom, that before the
 * input's own value, valueFrom and default. An argument that is nothing but a reference to a
 * skipped producer counts as not given.
 */
export function resolveInputs(
  state: RunState,
  plan: TemplatePlan,
  call: CallPlan,
  caller: VariableScope,
): Result<ResolvedInputs, string> {
  const parameters: (string | null)[] = plan.inputs.map(() => null);
  const callee = createScope({
    state,
    inputs: { plan, parameters, artifacts: [] },
    locals: caller.parts.locals,
  });
  for (let index = 0; index < plan.inputs.length; index += 1) {
    const input = plan.inputs[index];
    if (input === undefined) continue;
    const argument = call.parameters.find((candidate) => candidate.name === input.name);
    const value = resolveParameter(input, argument, { caller, callee });
    if (!value.ok) return value;
    if (value.value === undefined && input.parameter.valueFrom?.supplied === undefined) {
      return err(`inputs.parameters.${input.name} was not supplied${dropped(argument, caller)}`);
    }
    parameters[index] = value.value ?? null;
  }
  const artifacts = resolveInputArtifacts(plan, call, { caller, callee });
  return artifacts.ok ? ok({ parameters, artifacts: artifacts.value }) : artifacts;
}

/** Why an argument that was given does not count. */
function dropped(argument: ArgumentPlan | undefined, caller: VariableScope): string {
  const tag = argument?.value?.onlyTag;
  return tag === undefined || caller.find(tag).kind !== 'Absent' ? '' : `: ${absentSentence(tag)}`;
}

type Scopes = { readonly caller: VariableScope; readonly callee: VariableScope };

function resolveParameter(
  input: InputPlan,
  argument: ArgumentPlan | undefined,
  scopes: Scopes,
): Result<string | undefined, string> {
  if (argument !== undefined) {
    const given = resolveArgument(argument, scopes.caller);
    if (!given.ok || given.value !== undefined) return given;
  }
  if (input.value !== undefined) return renderText(input.value, scopes.callee);
  const from = resolveValueFrom(input.parameter.valueFrom, scopes.callee);
  if (!from.ok || from.value !== undefined) return from;
  return input.default === undefined ? ok(undefined) : renderText(input.default, scopes.callee);
}

function resolveArgument(
  argument: ArgumentPlan,
  scope: VariableScope,
): Result<string | undefined, string> {
  const { value } = argument;
  if (value === undefined) {
    const from = resolveValueFrom(argument.valueFrom, scope);
    if (!from.ok || from.value !== undefined) return from;
    // The entrypoint's arguments are the run's; a value given elsewhere is among the globals.
    return ok(contextOf(scope.parts.state).globals.get(`workflow.parameters.${argument.name}`));
  }
  if (value.onlyTag !== undefined && scope.find(value.onlyTag).kind === 'Absent') {
    return ok(undefined);
  }
  return renderReference(value, scope);
}

function resolveValueFrom(
  from: ValueFrom | undefined,
  scope: VariableScope,
): Result<string | undefined, string> {
  if (from === undefined) return ok(undefined);
  const reference = from.configMapKeyRef;
  if (reference === undefined) return ok(from.default);
  const name = renderText(compileText(reference.name ?? ''), scope);
  if (!name.ok) return name;
  const key = renderText(compileText(reference.key), scope);
  if (!key.ok) return key;
  const { run } = contextOf(scope.parts.state);
  const value = run.configMaps?.[`${run.namespace}/${name.value}`]?.[key.value];
  if (value !== undefined) return ok(value);
  if (from.default !== undefined) return ok(from.default);
  if (reference.optional === true) return ok(undefined);
  return err(
    `failed to retrieve inputs: ConfigMap '${name.value}' does not have the key '${key.value}'`,
  );
}

/** The declared parameter with its value, as it is shown in a node's inputs. */
export function withValue(parameter: Parameter, value: string | null): Parameter {
  return value === null ? parameter : { ...parameter, value };
}
