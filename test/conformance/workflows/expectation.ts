import type { NodeStatus, Workflow } from '@argosy/model';
import type { Expectation, NodeExpectation, ParameterExpectation } from './case.ts';

interface NamedValue {
  readonly name: string;
  readonly value?: unknown;
  readonly enum?: readonly unknown[];
}

/** The first fact of the expectation that the workflow's status does not show; undefined when all hold. */
export function differenceOf(workflow: Workflow, expect: Expectation): string | undefined {
  const nodes = Object.values(workflow.status?.nodes ?? {});
  for (const check of [phaseDifference, metadataDifference, outputsDifference]) {
    const difference = check(workflow, expect);
    if (difference !== undefined) return difference;
  }
  for (const [kind, count] of Object.entries(expect.nodeCounts ?? {})) {
    const found = kind === 'total' ? nodes.length : nodes.filter((n) => n.type === kind).length;
    if (found !== count) return `nodeCounts.${kind}: expected ${count}, found ${found}`;
  }
  for (const name of expect.absentNodes ?? []) {
    if (nodes.some((node) => node.displayName === named(name, workflow))) {
      return `absentNodes: ${name} is there`;
    }
  }
  const part = expect.absentNameContains;
  if (part !== undefined && nodes.some((node) => node.name.includes(part))) {
    return `absentNameContains: a node's name contains ${part}`;
  }
  for (const wanted of expect.nodes ?? []) {
    const difference = nodeDifference(nodes, wanted, workflow);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function phaseDifference(workflow: Workflow, expect: Expectation): string | undefined {
  const { phase = '', message = '', progress = '' } = workflow.status ?? {};
  const said = message === '' ? '' : ` (${message})`;
  if (expect.phase !== undefined && phase !== expect.phase) {
    return `phase: expected ${expect.phase}, found ${phase}${said}`;
  }
  if (expect.phaseIn !== undefined && !expect.phaseIn.includes(phase)) {
    return `phase: expected one of ${expect.phaseIn.join(', ')}, found ${phase}${said}`;
  }
  if (expect.message !== undefined && !new RegExp(expect.message).test(message)) {
    return `message: expected /${expect.message}/, found "${message}"`;
  }
  if (expect.message_empty === true && message !== '') {
    return `message: expected none, found "${message}"`;
  }
  if (expect.progress !== undefined && progress !== expect.progress) {
    return `progress: expected ${expect.progress}, found ${progress}`;
  }
  return undefined;
}

function metadataDifference(workflow: Workflow, expect: Expectation): string | undefined {
  const { name = '', labels = {}, annotations = {} } = workflow.metadata;
  if (expect.namePattern !== undefined && !new RegExp(expect.namePattern).test(name)) {
    return `name: expected /${expect.namePattern}/, found ${name}`;
  }
  const pairs = [
    ['labels', expect.labels, labels],
    ['annotations', expect.annotations, annotations],
  ] as const;
  for (const [what, wanted, found] of pairs) {
    for (const [key, value] of Object.entries(wanted ?? {})) {
      if (found[key] !== value) {
        return `${what}.${key}: expected ${value}, found ${found[key] ?? 'none'}`;
      }
    }
  }
  return undefined;
}

function outputsDifference(workflow: Workflow, expect: Expectation): string | undefined {
  if (expect.outputs === undefined) return undefined;
  return parametersDifference('outputs', workflow.status?.outputs?.parameters, expect.outputs);
}

/** Several nodes may have the wanted name: then one of them must match; the first one's difference is told. */
function nodeDifference(
  nodes: readonly NodeStatus[],
  wanted: NodeExpectation,
  workflow: Workflow,
): string | undefined {
  const label =
    wanted.displayName ?? wanted.nameContains ?? wanted.displayNamePrefix ?? 'some node';
  const candidates = nodes.filter((node) => isNamed(node, wanted, workflow));
  if (candidates.length === 0) {
    const names = nodes.map((node) => node.displayName).join(', ');
    return `nodes: ${label} is not there; there are: ${names}`;
  }
  const differences = candidates.map((node) => factsDifference(node, wanted));
  if (differences.includes(undefined)) return undefined;
  return `nodes.${label}.${differences[0] ?? ''}`;
}

function isNamed(node: NodeStatus, wanted: NodeExpectation, workflow: Workflow): boolean {
  const { displayName, nameContains, displayNamePrefix } = wanted;
  if (displayName !== undefined && node.displayName !== named(displayName, workflow)) return false;
  if (nameContains !== undefined && !node.name.includes(named(nameContains, workflow)))
    return false;
  if (displayNamePrefix === undefined) return true;
  return node.displayName?.startsWith(named(displayNamePrefix, workflow)) === true;
}

/** `$WF` stands for the name that the workflow got. */
function named(text: string, workflow: Workflow): string {
  return text.replaceAll('$WF', workflow.metadata.name ?? '');
}

function factsDifference(node: NodeStatus, wanted: NodeExpectation): string | undefined {
  if (wanted.type !== undefined && node.type !== wanted.type) {
    return `type: expected ${wanted.type}, found ${node.type}`;
  }
  if (wanted.phase !== undefined && (node.phase ?? '') !== wanted.phase) {
    return `phase: expected ${wanted.phase}, found ${node.phase ?? ''} (${node.message ?? ''})`;
  }
  return (
    messageDifference(node, wanted) ??
    structureDifference(node, wanted) ??
    parametersDifference('inputs', node.inputs?.parameters, wanted.inputs) ??
    nodeOutputsDifference(node, wanted)
  );
}

function messageDifference(node: NodeStatus, wanted: NodeExpectation): string | undefined {
  if (wanted.message === undefined) return undefined;
  const found = node.message ?? '';
  const matches =
    wanted.messageIs === 'literal'
      ? found === wanted.message
      : new RegExp(wanted.message).test(found);
  return matches ? undefined : `message: expected ${wanted.message}, found "${found}"`;
}

function structureDifference(node: NodeStatus, wanted: NodeExpectation): string | undefined {
  const children = node.children ?? [];
  if (wanted.children !== undefined && children.length !== wanted.children) {
    return `children: expected ${wanted.children}, found ${children.length}`;
  }
  for (const id of wanted.childIds ?? []) {
    if (!children.includes(id)) return `children: ${id} is not among ${children.join(', ')}`;
  }
  for (const [flag, value] of Object.entries(wanted.nodeFlag ?? {})) {
    const found = Boolean((node.nodeFlag as Record<string, boolean> | undefined)?.[flag]);
    if (found !== value) return `nodeFlag.${flag}: expected ${value}, found ${found}`;
  }
  if (wanted.templateScope !== undefined && node.templateScope !== wanted.templateScope) {
    return `templateScope: expected ${wanted.templateScope}, found ${node.templateScope ?? ''}`;
  }
  if (wanted.memoized !== undefined) {
    const hit = node.memoizationStatus?.hit === true;
    if (hit !== wanted.memoized) return `memoized: expected ${wanted.memoized}, found ${hit}`;
  }
  return undefined;
}

function nodeOutputsDifference(node: NodeStatus, wanted: NodeExpectation): string | undefined {
  if (wanted.outputs === undefined) return undefined;
  const { result, exitCode } = wanted.outputs;
  const found = node.outputs;
  if (result !== undefined && found?.result !== result) {
    return `outputs.result: expected ${result}, found ${found?.result ?? 'none'}`;
  }
  if (exitCode !== undefined && String(found?.exitCode) !== String(exitCode)) {
    return `outputs.exitCode: expected ${exitCode}, found ${found?.exitCode ?? 'none'}`;
  }
  return parametersDifference('outputs', found?.parameters, wanted.outputs);
}

function parametersDifference(
  where: string,
  found: readonly NamedValue[] | undefined,
  wanted: ParameterExpectation | undefined,
): string | undefined {
  if (wanted === undefined) return undefined;
  const list = found ?? [];
  const value = (name: string): string | undefined => {
    const given = list.find((parameter) => parameter.name === name)?.value;
    return given === undefined ? undefined : String(given);
  };
  for (const [name, expected] of Object.entries(wanted.parameters ?? {})) {
    if (value(name) !== text(expected)) {
      return `${where}.parameters.${name}: expected ${text(expected)}, found ${value(name) ?? 'none'}`;
    }
  }
  for (const [name, pattern] of Object.entries(wanted.parametersMatch ?? {})) {
    if (!new RegExp(pattern).test(value(name) ?? '')) {
      return `${where}.parameters.${name}: expected /${pattern}/, found ${value(name) ?? 'none'}`;
    }
  }
  const { parametersInOrder, enumOf } = wanted;
  if (parametersInOrder !== undefined) {
    const values = JSON.stringify(list.map((parameter) => String(parameter.value)));
    const expected = JSON.stringify(parametersInOrder.map(text));
    if (values !== expected) return `${where}.parameters: expected ${expected}, found ${values}`;
  }
  for (const [name, expected] of Object.entries(enumOf ?? {})) {
    const given = list.find((parameter) => parameter.name === name)?.enum ?? [];
    if (JSON.stringify(given.map(text)) !== JSON.stringify(expected.map(text))) {
      return `${where}.parameters.${name}.enum: expected ${JSON.stringify(expected)}, found ${JSON.stringify(given)}`;
    }
  }
  return undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
