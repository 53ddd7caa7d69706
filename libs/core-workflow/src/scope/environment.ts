import { timeText } from '@argosy/base';
import type { Artifact } from '@argosy/model';
import { idOf } from '../names.ts';
import { contextOf, type RunState } from '../state.ts';
import { aggregateOf } from './aggregate.ts';
import { itemText } from './item.ts';
import { declaredOutputs, wasPassedOver, type Referent } from './node-reference.ts';
import { runVariable } from './run-variables.ts';
import { referentOf, type ScopeParts } from './variables.ts';

const RUN_VARIABLES = ['workflow.status', 'workflow.duration', 'workflow.failures'];

/**
 * The environment of an expression tag: dotted variables as nested objects. Steps and tasks are
 * looked up when they are asked for, so that the cost does not grow with the size of the DAG.
 */
export function environmentOf(parts: ScopeParts): Record<string, unknown> {
  const environment: Record<string, unknown> = {};
  addGlobals(parts.state, environment);
  if (parts.inputs !== undefined) {
    const { plan, parameters, artifacts } = parts.inputs;
    const named: Record<string, string> = {};
    plan.inputs.forEach((input, index) => {
      const value = parameters[index];
      if (value !== null && value !== undefined) named[input.name] = value;
    });
    environment['inputs'] = { parameters: named, artifacts: artifactMap(artifacts) };
    environment['outputs'] = ownOutputs(parts);
  }
  for (const [tag, value] of Object.entries(parts.locals ?? {})) setDotted(environment, tag, value);
  if (parts.item !== undefined) environment['item'] = itemValue(parts.item);
  const { boundary } = parts;
  if (boundary !== undefined) {
    const name = boundary.runtime?.kind === 'DAG' ? 'tasks' : 'steps';
    environment[name] = referents(parts);
  }
  return environment;
}

/** Puts a value under a dotted name, making the objects on the way. */
export function setDotted(target: Record<string, unknown>, tag: string, value: unknown): void {
  const parts = tag.split('.');
  const last = parts.pop() ?? '';
  let object = target;
  for (const part of parts) {
    const next = Object.hasOwn(object, part) ? object[part] : undefined;
    // A plain text under the same name gives way to the object of its fields.
    const inner = isRecord(next) ? next : {};
    define(object, part, inner);
    object = inner;
  }
  if (!isRecord(object[last])) define(object, last, value);
}

function define(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function addGlobals(state: RunState, environment: Record<string, unknown>): void {
  const { globals } = contextOf(state);
  for (const [tag, value] of globals) setDotted(environment, tag, value);
  for (const tag of RUN_VARIABLES) setDotted(environment, tag, runVariable(state, tag) ?? '');
}

function itemValue(json: string): unknown {
  if (!json.startsWith('{')) return itemText(json, 'item');
  const fields: Record<string, unknown> = {};
  for (const name of Object.keys(JSON.parse(json) as object)) {
    define(fields, name, itemText(json, `item.${name}`));
  }
  return fields;
}

function ownOutputs(parts: ScopeParts): unknown {
  const outputs = parts.inputs?.plan.template.outputs;
  return {
    parameters: Object.fromEntries(
      (outputs?.parameters ?? []).map((output) => [output.name, { path: output.valueFrom?.path }]),
    ),
    artifacts: Object.fromEntries(
      (outputs?.artifacts ?? []).map((output) => [output.name, { path: output.path }]),
    ),
  };
}

function referents(parts: ScopeParts): object {
  const entryOf = (name: string | symbol): unknown => {
    if (typeof name !== 'string') return undefined;
    const referent = referentOf(parts, name);
    return referent === undefined ? undefined : fieldsOf(parts.state, referent);
  };
  return new Proxy(
    {},
    {
      get: (_, name) => entryOf(name),
      has: (_, name) => typeof name === 'string' && referentOf(parts, name) !== undefined,
      getOwnPropertyDescriptor: (_, name) => {
        const value = entryOf(name);
        if (value === undefined) return undefined;
        return { value, enumerable: true, configurable: true, writable: false };
      },
    },
  );
}

function fieldsOf(state: RunState, referent: Referent): Record<string, unknown> {
  const { node } = referent;
  const fields: Record<string, unknown> = {
    id: idOf(state, node),
    status: node.phase,
    outputs: outputsOf(state, referent),
  };
  if (node.startedAt > 0) fields['startedAt'] = timeText(node.startedAt);
  if (node.finishedAt > 0) fields['finishedAt'] = timeText(node.finishedAt);
  if (node.podIP !== '') fields['ip'] = node.podIP;
  if (node.hostNodeName !== '') fields['hostNodeName'] = node.hostNodeName;
  if (node.outputs?.exitCode !== undefined) fields['exitCode'] = node.outputs.exitCode;
  return fields;
}

function outputsOf(state: RunState, referent: Referent): Record<string, unknown> {
  if (wasPassedOver(referent.node)) return absentOutputs(state, referent);
  if (referent.rounds === undefined) {
    const outputs = referent.node.outputs ?? {};
    return {
      ...(outputs.result === undefined ? {} : { result: outputs.result }),
      parameters: { ...outputs.parameters },
      artifacts: artifactMap(outputs.artifacts ?? []),
    };
  }
  const aggregate = aggregateOf(state, referent.rounds.group, referent.rounds);
  return {
    ...(aggregate.result === undefined ? {} : { result: aggregate.result }),
    parameters: Object.fromEntries(aggregate.byName),
    artifacts: Object.fromEntries(aggregate.artifacts),
  };
}

/** Nil for all that a skipped producer declares without default, so that `??` can stand in. */
function absentOutputs(state: RunState, referent: Referent): Record<string, unknown> {
  const declared = declaredOutputs(state, referent.node);
  const parameters = (declared?.parameters ?? []).map(({ name, valueFrom }) => [
    name,
    valueFrom?.default ?? null,
  ]);
  const artifacts = (declared?.artifacts ?? []).map(({ name }) => [name, null]);
  return {
    result: null,
    exitCode: null,
    parameters: Object.fromEntries(parameters) as object,
    artifacts: Object.fromEntries(artifacts) as object,
  };
}

function artifactMap(artifacts: readonly Artifact[]): Record<string, unknown> {
  return Object.fromEntries(artifacts.map((artifact) => [artifact.name, artifact]));
}
