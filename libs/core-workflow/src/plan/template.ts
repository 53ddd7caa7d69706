import { ok, type Result } from '@argosy/base';
import type { Artifact, Inputs, NodeType, Parameter, RetryStrategy, Template } from '@argosy/model';
import { omit } from '../omit.ts';
import { compileCall, type CallPlan, type CallSurroundings } from './call.ts';
import { compileDag, type DagPlan } from './dag.ts';
import { compileGate, type GatePlan } from './gate.ts';
import { compileTagged, type Tagged } from './tagged.ts';
import { compileText, renderText, type Text, type TextScope } from './text.ts';

/** What a template's node is: a container of other nodes, a wait, or a leaf that is run. */
export type TemplateShape = 'steps' | 'dag' | 'suspend' | 'leaf';

/** A template compiled once for all its nodes. Expensive parts are made on first use. */
export interface TemplatePlan {
  /** Its place in the plan table; facts refer to templates by it. */
  readonly index: number;
  /** `local`, `namespaced/<object>` or `cluster/<object>`: where bare template names are looked up. */
  readonly scope: string;
  readonly name: string;
  readonly inline: boolean;
  readonly template: Template;
  readonly shape: TemplateShape;
  readonly nodeType: NodeType;
  readonly inputs: readonly InputPlan[];
  /** Input name → its place in `inputs`. */
  readonly inputIndexes: ReadonlyMap<string, number>;
  readonly artifacts: readonly InputArtifactPlan[];
  readonly retry: RetryPlan | undefined;
  readonly timeout: Text | undefined;
  readonly activeDeadline: Text | undefined;
  readonly suspendDuration: Text | undefined;
  readonly pendingTimeout: Text | undefined;
  /** What its nodes wait for before they start. */
  readonly gate: GatePlan | undefined;
  readonly dagTarget: Text | undefined;
  readonly surroundings: CallSurroundings;
  /** Names of outputs that become outputs of the workflow. */
  readonly hasGlobalOutputs: boolean;
  steps: StepsPlan | undefined;
  /** One for each target that was asked for; all but always it is one. */
  readonly dags: Map<string, Result<DagPlan, string>>;
  body: Tagged | undefined;
  expressions: boolean | undefined;
}

export interface InputPlan {
  readonly name: string;
  readonly parameter: Parameter;
  readonly value: Text | undefined;
  readonly default: Text | undefined;
}

export interface InputArtifactPlan {
  readonly artifact: Artifact;
  readonly tagged: Tagged;
}

export interface StepsPlan {
  readonly groups: readonly (readonly CallPlan[])[];
  readonly positions: ReadonlyMap<string, { readonly group: number; readonly slot: number }>;
}

export interface RetryPlan {
  readonly strategy: RetryStrategy;
  readonly limit: Text | undefined;
  readonly duration: Text | undefined;
  readonly factor: Text | undefined;
  readonly maxDuration: Text | undefined;
  readonly cap: Text | undefined;
  readonly expression: Text | undefined;
}

/** Rendering a leaf can fail only where it holds an expression tag. */
export function hasExpressions(plan: TemplatePlan): boolean {
  plan.expressions ??= JSON.stringify(plan.template).includes('{{=');
  return plan.expressions;
}

/** The kind of node that a template makes. */
export function nodeTypeOf(template: Template): NodeType {
  if (template.steps !== undefined) return 'Steps';
  if (template.dag !== undefined) return 'DAG';
  if (template.suspend !== undefined) return 'Suspend';
  if (template.http !== undefined) return 'HTTP';
  if (template.plugin !== undefined) return 'Plugin';
  return 'Pod';
}

/** Compiles what every node of the template needs; the rest is compiled on first use. */
export function compileTemplate(
  place: Pick<TemplatePlan, 'index' | 'scope' | 'name' | 'inline' | 'surroundings'>,
  template: Template,
): TemplatePlan {
  const nodeType = nodeTypeOf(template);
  return {
    ...place,
    template,
    nodeType,
    shape: shapeOf(nodeType),
    ...compileInputs(template.inputs ?? {}),
    retry: template.retryStrategy === undefined ? undefined : compileRetry(template.retryStrategy),
    timeout: optionalText(template.timeout),
    activeDeadline: optionalText(template.activeDeadlineSeconds),
    suspendDuration: optionalText(template.suspend?.duration),
    pendingTimeout: optionalText(template.pendingTimeout),
    gate: compileGate(template),
    dagTarget: optionalText(template.dag?.target),
    hasGlobalOutputs: [
      ...(template.outputs?.parameters ?? []),
      ...(template.outputs?.artifacts ?? []),
    ].some((output) => output.globalName !== undefined && output.globalName !== ''),
    steps: undefined,
    dags: new Map(),
    body: undefined,
    expressions: undefined,
  };
}

function compileInputs({
  parameters = [],
  artifacts = [],
}: Inputs): Pick<TemplatePlan, 'inputs' | 'inputIndexes' | 'artifacts'> {
  const inputs = parameters.map((parameter) => ({
    name: parameter.name,
    parameter,
    value: optionalText(parameter.value),
    default: optionalText(parameter.default),
  }));
  return {
    inputs,
    inputIndexes: indexesOf(parameters),
    artifacts: artifacts.map((artifact) => ({ artifact, tagged: compileTagged(artifact) })),
  };
}

/** The first of several inputs of one name counts. */
function indexesOf(parameters: readonly Parameter[]): ReadonlyMap<string, number> {
  const indexes = new Map<string, number>();
  parameters.forEach(({ name }, index) => {
    if (!indexes.has(name)) indexes.set(name, index);
  });
  return indexes;
}

/** Compiles a retry strategy; every field may hold tags. */
export function compileRetry(strategy: RetryStrategy): RetryPlan {
  return {
    strategy,
    limit: optionalText(strategy.limit),
    duration: optionalText(strategy.backoff?.duration),
    factor: optionalText(strategy.backoff?.factor),
    maxDuration: optionalText(strategy.backoff?.maxDuration),
    cap: optionalText(strategy.backoff?.cap),
    expression: strategy.expression === '' ? undefined : optionalText(strategy.expression),
  };
}

/** The groups of a steps template. */
export function stepsOf(plan: TemplatePlan): StepsPlan {
  if (plan.steps !== undefined) return plan.steps;
  const groups = (plan.template.steps ?? []).map((group) =>
    group.map((step) => compileCall(step, plan.surroundings)),
  );
  const positions = new Map<string, { group: number; slot: number }>();
  groups.forEach((calls, group) => {
    calls.forEach((call, slot) => positions.set(call.name, { group, slot }));
  });
  plan.steps = { groups, positions };
  return plan.steps;
}

/** The tasks of a DAG template; its target may hold variables of the node's inputs. */
export function dagOf(plan: TemplatePlan, scope: TextScope): Result<DagPlan, string> {
  const target = plan.dagTarget === undefined ? ok('') : renderText(plan.dagTarget, scope);
  if (!target.ok) return target;
  const known = plan.dags.get(target.value);
  if (known !== undefined) return known;
  const compiled = compileDag(plan.template, plan.surroundings, target.value);
  plan.dags.set(target.value, compiled);
  return compiled;
}

/** The leaf's fields with their tags located, without the inputs, which are put in as values. */
export function bodyOf(plan: TemplatePlan): Tagged {
  plan.body ??= compileTagged(
    omit(plan.template, 'inputs', 'metrics', 'memoize', 'synchronization'),
  );
  return plan.body;
}

function shapeOf(type: NodeType): TemplateShape {
  if (type === 'Steps') return 'steps';
  if (type === 'DAG') return 'dag';
  return type === 'Suspend' ? 'suspend' : 'leaf';
}

function optionalText(value: string | number | undefined): Text | undefined {
  return value === undefined ? undefined : compileText(String(value));
}
