import { err, ok, type Result } from '@argosy/base';
import type { Artifact, Parameter, ValueFrom } from '@argosy/model';
import type { ArgumentPlan, CallPlan } from '../plan/call.ts';
import type { InputPlan, TemplatePlan } from '../plan/template.ts';
import { compileText, renderText, type Text } from '../plan/text.ts';
import { variableOf } from '../plan/variable.ts';
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
  const { inputs } = plan;
  if (inputs.length === 0 && plan.artifacts.length === 0) return NOTHING;
  const parameters: (string | null)[] = inputs.map(() => null);
  const scopes = scopesOf(state, plan, { parameters, caller });
  for (let index = 0; index < inputs.length; index += 1) {
    const input = inputs[index];
    if (input === undefined) continue;
    const argument = argumentNamed(call.parameters, input.name);
    const value = resolveParameter(input, argument, scopes);
    if (!value.ok) return value;
    if (value.value === undefined && input.parameter.valueFrom?.supplied === undefined) {
      return err(`inputs.parameters.${input.name} was not supplied${dropped(argument, caller)}`);
    }
    parameters[index] = value.value ?? null;
  }
  if (plan.artifacts.length === 0) return ok({ parameters, artifacts: NO_ARTIFACTS });
  const artifacts = resolveInputArtifacts(plan, call, { caller, callee: scopes.callee() });
  return artifacts.ok ? ok({ parameters, artifacts: artifacts.value }) : artifacts;
}

const NO_ARTIFACTS: readonly never[] = [];
const NOTHING = ok<ResolvedInputs>({ parameters: [], artifacts: NO_ARTIFACTS });

/** Where arguments and where the template's own defaults find their variables. */
interface Scopes {
  readonly caller: VariableScope;
  /** Made when first asked for: most inputs are given by an argument and need none. */
  readonly callee: () => VariableScope;
}

function scopesOf(
  state: RunState,
  plan: TemplatePlan,
  known: { readonly parameters: readonly (string | null)[]; readonly caller: VariableScope },
): Scopes {
  const { parameters, caller } = known;
  let callee: VariableScope | undefined;
  return {
    caller,
    callee: () => {
      const inputs = { plan, parameters, artifacts: NO_ARTIFACTS };
      return (callee ??= createScope({ state, inputs, locals: caller.locals }));
    },
  };
}

function argumentNamed(
  parameters: readonly ArgumentPlan[],
  name: string,
): ArgumentPlan | undefined {
  for (const parameter of parameters) if (parameter.name === name) return parameter;
  return undefined;
}

/** Why an argument that was given does not count. */
function dropped(argument: ArgumentPlan | undefined, caller: VariableScope): string {
  const tag = argument?.value?.onlyTag;
  if (tag === undefined || caller.find(variableOf(tag)).kind !== 'Absent') return '';
  return `: ${absentSentence(tag)}`;
}

function resolveParameter(
  input: InputPlan,
  argument: ArgumentPlan | undefined,
  scopes: Scopes,
): Result<string | undefined, string> {
  if (argument !== undefined) {
    const given = resolveArgument(argument, scopes.caller);
    if (!given.ok || given.value !== undefined) return given;
  }
  if (input.value !== undefined) return renderText(input.value, scopes.callee());
  const from = resolveValueFrom(input.parameter.valueFrom, scopes.callee());
  if (!from.ok || from.value !== undefined) return from;
  return input.default === undefined ? ok(undefined) : renderText(input.default, scopes.callee());
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
    return ok(contextOf(scope.state).globals.get(`workflow.parameters.${argument.name}`));
  }
  if (value.onlyTag !== undefined && isAbsent(value, scope)) return ok(undefined);
  return renderReference(value, scope);
}

/** Only an output of a step or task can be absent. */
function isAbsent({ pieces = [] }: Text, scope: VariableScope): boolean {
  for (const piece of pieces) {
    if (typeof piece === 'string' || piece.kind !== 'Reference') continue;
    if (scope.find(piece).kind === 'Absent') return true;
  }
  return false;
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
  const { run } = contextOf(scope.state);
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
