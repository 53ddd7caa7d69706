import type { TemplateScope } from '@argosy/lang';
import type { Artifact } from '@argosy/model';
import type { TemplatePlan } from '../plan/template.ts';
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

/** A scope that remembers which references to steps and tasks it could not answer. */
export interface VariableScope extends TemplateScope {
  readonly parts: ScopeParts;
  find(tag: string): Lookup;
  findArtifact(tag: string): Artifact | typeof ABSENT | typeof MISSING;
  /** The first reference to a step or task that has no value yet. */
  missing: string | undefined;
  /** The first reference to an output that will never be there. */
  absent: string | undefined;
}

/** Makes the scope of one place. Values are looked up one by one, never collected beforehand. */
export function createScope(parts: ScopeParts): VariableScope {
  const scope: VariableScope = {
    parts,
    missing: undefined,
    absent: undefined,
    find: (tag) => findVariable(parts, tag),
    findArtifact: (tag) => findArtifactVariable(parts, tag),
    lookup: (tag) => {
      const found = findVariable(parts, tag);
      if (found.kind === 'Value') return found.value;
      if (tag.startsWith('steps.') || tag.startsWith('tasks.')) {
        if (found.kind === 'Missing') scope.missing ??= tag;
        else scope.absent ??= tag;
      }
      return undefined;
    },
    env: () => environmentOf(parts),
  };
  return scope;
}

function findVariable(parts: ScopeParts, tag: string): Lookup {
  const dot = tag.indexOf('.');
  const head = dot < 0 ? tag : tag.slice(0, dot);
  if (head === 'steps' || head === 'tasks') return findReference(parts, tag.slice(dot + 1));
  return textOrMissing(findText(parts, head, tag));
}

function findText(parts: ScopeParts, head: string, tag: string): string | undefined {
  switch (head) {
    case 'workflow':
    case 'cronworkflow':
      return contextOf(parts.state).globals.get(tag) ?? runVariable(parts.state, tag);
    case 'inputs':
    case 'outputs':
      return parts.inputs === undefined ? undefined : ownVariable(parts.inputs, tag);
    case 'item':
      return parts.item === undefined ? undefined : itemText(parts.item, tag);
    default:
      return parts.locals?.[tag];
  }
}

function findReference(parts: ScopeParts, path: string): Lookup {
  const dot = path.indexOf('.');
  if (parts.boundary === undefined || dot < 0) return MISSING;
  const referent = referentOf(parts, path.slice(0, dot));
  if (referent === undefined) return MISSING;
  return lookUpField(parts.state, referent, path.slice(dot + 1));
}

/** What a name of a step or task stands for at a place. */
export function referentOf(parts: ScopeParts, name: string): Referent | undefined {
  if (parts.self?.name === name) return { node: parts.self.node, rounds: undefined };
  return parts.boundary === undefined ? undefined : findReferent(parts.state, parts.boundary, name);
}

function ownVariable(inputs: InputValues, tag: string): string | undefined {
  const { plan } = inputs;
  if (tag.startsWith('inputs.parameters.')) {
    const name = tag.slice('inputs.parameters.'.length);
    const index = plan.inputs.findIndex((input) => input.name === name);
    return inputs.parameters[index] ?? undefined;
  }
  if (tag === 'inputs.parameters') {
    const list = plan.inputs.map((input, index) => ({
      name: input.name,
      value: inputs.parameters[index] ?? '',
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
