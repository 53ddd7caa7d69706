import { err, ok, type Result } from '@argosy/base';
import { compileExpr, evaluateExpr, exprValueToText } from '@argosy/lang';
import type { Artifact, Parameter } from '@argosy/model';
import type { NodeOutputs } from '../facts.ts';
import { compileText, renderText } from '../plan/text.ts';
import { variableOf } from '../plan/variable.ts';
import type { VariableScope } from '../scope/variables.ts';
import type { NodeRecord } from '../state.ts';
import { findSource, join } from './artifacts.ts';
import { containerPlanOf, finishNode, type Draft } from './draft.ts';

/** Ends a Steps or DAG node as succeeded with its outputs, or as errored when one has no value. */
export function finishWithOutputs(draft: Draft, node: NodeRecord, scope: VariableScope): void {
  const plan = containerPlanOf(draft.state, node);
  const outputs = resolveOutputs(plan.template.outputs ?? {}, scope);
  if (!outputs.ok) {
    finishNode(draft, node, { phase: 'Error', message: outputs.error });
    return;
  }
  const value = outputs.value;
  finishNode(draft, node, {
    phase: 'Succeeded',
    message: '',
    ...(value === undefined ? {} : { outputs: value }),
  });
}

function resolveOutputs(
  declared: {
    readonly parameters?: readonly Parameter[];
    readonly artifacts?: readonly Artifact[];
  },
  scope: VariableScope,
): Result<NodeOutputs | undefined, string> {
  const parameters: Record<string, string> = {};
  for (const parameter of declared.parameters ?? []) {
    const value = resolveParameter(parameter, scope);
    if (!value.ok) return value;
    parameters[parameter.name] = value.value;
  }
  const artifacts: Artifact[] = [];
  for (const artifact of declared.artifacts ?? []) {
    const found = resolveArtifact(artifact, scope);
    if (!found.ok) return found;
    if (found.value !== undefined) artifacts.push(found.value);
  }
  const hasParameters = Object.keys(parameters).length > 0;
  if (!hasParameters && artifacts.length === 0) return ok(undefined);
  return ok({
    ...(hasParameters ? { parameters } : {}),
    ...(artifacts.length > 0 ? { artifacts } : {}),
  });
}

function resolveParameter(parameter: Parameter, scope: VariableScope): Result<string, string> {
  const from = parameter.valueFrom;
  const fallback = from?.default ?? parameter.default;
  const where = `outputs.parameters.${parameter.name}`;
  if (from?.parameter !== undefined && from.parameter !== '') {
    return resolveReference(from.parameter, scope, { fallback, where });
  }
  if (from?.expression !== undefined && from.expression !== '') {
    return resolveExpression(from.expression, scope, { fallback, where });
  }
  if (parameter.value !== undefined) return renderText(compileText(parameter.value), scope);
  return fallback === undefined ? err(`${where} has no value`) : ok(fallback);
}

interface Fallback {
  readonly fallback: string | undefined;
  readonly where: string;
}

function resolveReference(
  reference: string,
  scope: VariableScope,
  { fallback, where }: Fallback,
): Result<string, string> {
  const text = compileText(reference);
  if (text.onlyTag === undefined) return renderText(text, scope, true);
  const found = scope.find(variableOf(text.onlyTag));
  if (found.kind === 'Value') return ok(found.value);
  if (fallback !== undefined) return ok(fallback);
  const reason = found.kind === 'Absent' ? 'is an absent optional' : 'has no value';
  return err(`${where}: ${reference} ${reason}; give it a valueFrom.default`);
}

function resolveExpression(
  expression: string,
  scope: VariableScope,
  { fallback, where }: Fallback,
): Result<string, string> {
  const source = expression
    .trim()
    .replace(/^\{\{=?/, '')
    .replace(/\}\}$/, '');
  const program = compileExpr(source);
  if (!program.ok) return err(`${where}: invalid expression: ${program.error.message}`);
  const value = evaluateExpr(program.value, scope.env());
  if (value.ok && value.value !== null && value.value !== undefined) {
    return ok(exprValueToText(value.value));
  }
  if (fallback !== undefined) return ok(fallback);
  const reason = value.ok ? 'is nil (absent optional)' : `fails: ${value.error.message}`;
  return err(`${where}: expression '${source}' ${reason}; give it a valueFrom.default`);
}

function resolveArtifact(
  artifact: Artifact,
  scope: VariableScope,
): Result<Artifact | undefined, string> {
  const source = findSource(artifact, scope);
  if (!source.ok) return artifact.optional === true ? ok(undefined) : source;
  if (source.value === 'None') return ok(artifact);
  if (source.value !== undefined) return ok(join(artifact, source.value));
  if (artifact.optional === true) return ok(undefined);
  return err(`outputs.artifacts.${artifact.name} has no source`);
}
