import type { Artifact } from '@argosy/model';
import type { TemplatePlan } from '../plan/template.ts';
import type { TextScope } from '../plan/text.ts';
import { variableOf, type Variable } from '../plan/variable.ts';
import { contextOf, type NodeRecord, type RunState } from '../state.ts';
import { environmentOf } from './environment.ts';
import { itemText } from './item.ts';
import {
  ABSENT,
  findArtifact,
  findReferent,
  lookUpField,
  MISSING,
  wasPassedOver,
  type Lookup,
  type Referent,
} from './node-reference.ts';
import { runVariable } from './run-variables.ts';

/** What is visible at one place of a manifest. */
export interface ScopeParts {
  readonly state: RunState;
  /** Steps or DAG node whose steps or tasks may be named. */
  readonly boundary?: NodeRecord | undefined;
  /** The step or task that a hook belongs to, where a loop has several nodes of that name. */
  readonly self?: { readonly name: string; readonly node: NodeRecord } | undefined;
  /** The template whose `inputs.` and `outputs.` are meant. */
  readonly inputs?: InputValues | undefined;
  /** The loop's current item as JSON text. */
  readonly item?: string | undefined;
  /** Further variables: `pod.name`, `node.name`, `retries`, `lastRetry.status` … */
  readonly locals?: Readonly<Record<string, string>> | undefined;
}

export interface InputValues {
  readonly plan: TemplatePlan;
  /** In the order of the template's inputs; null: not set. */
  readonly parameters: readonly (string | null)[];
  readonly artifacts: readonly Artifact[];
}

/** The variables of one place; it remembers which reference to a step or task was in vain. */
export interface VariableScope extends ScopeParts, TextScope {
  readonly find: (variable: Variable) => Lookup;
  findArtifact(tag: string): Artifact | typeof ABSENT | typeof MISSING;
  /** The first reference to an output that will never be there. */
  absent: string | undefined;
}

/** Makes the scope of one place. Values are looked up one by one, never collected beforehand. */
export function createScope(parts: ScopeParts): VariableScope {
  return new PlaceScope(parts, parts.item);
}

/** The same place in one round of a loop. */
export function withItem(scope: VariableScope, item: string): VariableScope {
  return new PlaceScope(scope, item);
}

/** A class, because there are several for each node: its methods are shared and not made anew. */
class PlaceScope implements VariableScope {
  readonly state: RunState;
  readonly boundary: ScopeParts['boundary'];
  readonly self: ScopeParts['self'];
  readonly inputs: ScopeParts['inputs'];
  readonly item: string | undefined;
  readonly locals: ScopeParts['locals'];
  absent: string | undefined = undefined;

  constructor(parts: ScopeParts, item: string | undefined) {
    this.state = parts.state;
    this.boundary = parts.boundary;
    this.self = parts.self;
    this.inputs = parts.inputs;
    this.item = item;
    this.locals = parts.locals;
  }

  find(variable: Variable): Lookup {
    return findVariable(this, variable);
  }

  findArtifact(tag: string): Artifact | typeof ABSENT | typeof MISSING {
    return findArtifactVariable(this, tag);
  }

  valueOfVariable(variable: Variable): string | undefined {
    const found = findVariable(this, variable);
    return found.kind === 'Value' ? found.value : undefined;
  }

  lookup(tag: string): string | undefined {
    const found = findVariable(this, variableOf(tag));
    if (found.kind === 'Value') return found.value;
    if (found.kind === 'Absent') this.absent ??= tag;
    return undefined;
  }

  env(): Record<string, unknown> {
    return environmentOf(this);
  }
}

function findVariable(parts: ScopeParts, variable: Variable): Lookup {
  return variable.kind === 'Reference'
    ? findReference(parts, variable.name, variable.field)
    : textOrMissing(findText(parts, variable));
}

function findText(
  parts: ScopeParts,
  variable: Exclude<Variable, { kind: 'Reference' }>,
): string | undefined {
  const { inputs, item } = parts;
  const { tag } = variable;
  switch (variable.kind) {
    case 'Input':
      return inputs === undefined ? undefined : inputVariable(inputs, variable);
    case 'Item':
      return item === undefined ? undefined : itemText(item, tag);
    case 'Run':
      return contextOf(parts.state).globals.get(tag) ?? runVariable(parts.state, tag);
    case 'Own':
      return inputs === undefined ? undefined : ownVariable(inputs, tag);
    case 'Local':
      return parts.locals?.[tag];
  }
}

function findReference(parts: ScopeParts, name: string, field: string): Lookup {
  if (parts.boundary === undefined || field === '') return MISSING;
  const referent = referentOf(parts, name);
  return referent === undefined ? MISSING : lookUpField(parts.state, referent, field);
}

/** What a name of a step or task stands for at a place. */
export function referentOf(parts: ScopeParts, name: string): Referent | undefined {
  if (parts.self?.name === name) return { node: parts.self.node, rounds: undefined };
  return parts.boundary === undefined ? undefined : findReferent(parts.state, parts.boundary, name);
}

function inputVariable(
  { plan, parameters }: InputValues,
  variable: Extract<Variable, { kind: 'Input' }>,
): string | undefined {
  const index = plan.inputIndexes.get(variable.name);
  return index === undefined ? undefined : (parameters[index] ?? undefined);
}

function ownVariable({ plan, parameters }: InputValues, tag: string): string | undefined {
  if (tag === 'inputs.parameters') {
    const list = plan.inputs.map((input, index) => ({
      name: input.name,
      value: parameters[index] ?? '',
    }));
    return JSON.stringify(list);
  }
  return pathVariable(plan, tag);
}

/** `inputs.artifacts.X.path`, `outputs.artifacts.X.path`, `outputs.parameters.X.path`. */
function pathVariable(plan: TemplatePlan, tag: string): string | undefined {
  const match = /^(inputs|outputs)\.(artifacts|parameters)\.(.+)\.path$/.exec(tag);
  if (match === null) return undefined;
  const owner = match[1] === 'inputs' ? plan.template.inputs : plan.template.outputs;
  if (match[2] === 'artifacts') {
    return owner?.artifacts?.find((artifact) => artifact.name === match[3])?.path;
  }
  return owner?.parameters?.find((parameter) => parameter.name === match[3])?.valueFrom?.path;
}

function findArtifactVariable(
  parts: ScopeParts,
  tag: string,
): Artifact | typeof ABSENT | typeof MISSING {
  const own = /^inputs\.artifacts\.(.+)$/.exec(tag)?.[1];
  if (own !== undefined) {
    return parts.inputs?.artifacts.find((artifact) => artifact.name === own) ?? MISSING;
  }
  const global = /^workflow\.(?:outputs\.)?artifacts\.(.+)$/.exec(tag)?.[1];
  if (global !== undefined) return globalArtifact(parts.state, global);
  const reference = /^(?:steps|tasks)\.([^.]+)\.outputs\.artifacts\.(.+)$/.exec(tag);
  return reference === null
    ? MISSING
    : producedArtifact(referentOf(parts, reference[1] ?? ''), reference[2] ?? '');
}

function producedArtifact(
  referent: Referent | undefined,
  name: string,
): Artifact | typeof ABSENT | typeof MISSING {
  if (referent === undefined) return MISSING;
  return wasPassedOver(referent.node) ? ABSENT : (findArtifact(referent, name) ?? MISSING);
}

function globalArtifact(state: RunState, name: string): Artifact | typeof MISSING {
  const produced = state.outputs.artifacts.get(name);
  const given = contextOf(state).run.spec.arguments?.artifacts?.find(
    (artifact) => artifact.name === name,
  );
  return produced ?? given ?? MISSING;
}

function textOrMissing(text: string | undefined): Lookup {
  return text === undefined ? MISSING : { kind: 'Value', value: text };
}
