import type { NodeStatus, Workflow } from '@argosy/model';
import type { Expectation, NodeExpectation, ParameterExpectation } from './case.ts';

interface NamedValue {
  readonly name: string;
  readonly value?: unknown;
  readonly enum?: readonly unknown[];
}

type Difference = string | undefined;

/** The first fact of the expectation that the workflow's status does not show; undefined when all hold. */
export function differenceOf(workflow: Workflow, expect: Expectation): Difference {
  return (
    phaseDifference(workflow, expect) ??
    metadataDifference(workflow, expect) ??
    parametersDifference('outputs', workflow.status?.outputs?.parameters, expect.outputs) ??
    countDifference(workflow, expect) ??
    absenceDifference(workflow, expect) ??
    firstOf(expect.nodes ?? [], (wanted) => nodeDifference(workflow, wanted))
  );
}

function firstOf<T>(items: Iterable<T>, check: (item: T) => Difference): Difference {
  for (const item of items) {
    const difference = check(item);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** A fact that is not stated holds. */
function equal(what: string, wanted: unknown, found: unknown): Difference {
  if (wanted === undefined || wanted === found) return undefined;
  return `${what}: expected ${text(wanted)}, found ${found === undefined ? 'none' : text(found)}`;
}

function matching(what: string, pattern: string | undefined, found: string): Difference {
  if (pattern === undefined || new RegExp(pattern).test(found)) return undefined;
  return `${what}: expected /${pattern}/, found "${found}"`;
}

function phaseDifference(workflow: Workflow, expect: Expectation): Difference {
  const { phase = '', message = '', progress = '' } = workflow.status ?? {};
  const wrongPhase =
    equal('phase', expect.phase, phase) ??
    (expect.phaseIn?.includes(phase) === false
      ? `phase: expected one of ${expect.phaseIn.join(', ')}, found ${phase}`
      : undefined);
  if (wrongPhase !== undefined) return `${wrongPhase} (${message})`;
  return (
    matching('message', expect.message, message) ??
    equal('message', expect.message_empty === true ? '' : undefined, message) ??
    equal('progress', expect.progress, progress)
  );
}

function metadataDifference(workflow: Workflow, expect: Expectation): Difference {
  const { name = '', labels = {}, annotations = {} } = workflow.metadata;
  return (
    matching('name', expect.namePattern, name) ??
    firstOf(Object.entries(expect.labels ?? {}), ([key, value]) =>
      equal(`labels.${key}`, value, labels[key]),
    ) ??
    firstOf(Object.entries(expect.annotations ?? {}), ([key, value]) =>
      equal(`annotations.${key}`, value, annotations[key]),
    )
  );
}

function nodesOf(workflow: Workflow): readonly NodeStatus[] {
  return Object.values(workflow.status?.nodes ?? {});
}

function countDifference(workflow: Workflow, expect: Expectation): Difference {
  const nodes = nodesOf(workflow);
  return firstOf(Object.entries(expect.nodeCounts ?? {}), ([kind, count]) => {
    const found = kind === 'total' ? nodes : nodes.filter((node) => node.type === kind);
    return equal(`nodeCounts.${kind}`, count, found.length);
  });
}

function absenceDifference(workflow: Workflow, expect: Expectation): Difference {
  const nodes = nodesOf(workflow);
  const part = expect.absentNameContains;
  if (part !== undefined && nodes.some((node) => node.name.includes(part))) {
    return `absentNameContains: a node's name contains ${part}`;
  }
  return firstOf(expect.absentNodes ?? [], (name) =>
    nodes.some((node) => node.displayName === named(name, workflow))
      ? `absentNodes: ${name} is there`
      : undefined,
  );
}

/** Several nodes may have the wanted name: then one of them must match; the first one's difference is told. */
function nodeDifference(workflow: Workflow, wanted: NodeExpectation): Difference {
  const nodes = nodesOf(workflow);
  const label = wanted.displayName ?? wanted.nameContains ?? wanted.displayNamePrefix ?? 'a node';
  const candidates = nodes.filter((node) => isNamed(node, wanted, workflow));
  if (candidates.length === 0) {
    const names = nodes.map((node) => node.displayName).join(', ');
    return `nodes: ${label} is not there; there are: ${names}`;
  }
  const differences = candidates.map((node) => factsDifference(node, wanted));
  return differences.includes(undefined) ? undefined : `nodes.${label}.${differences[0] ?? ''}`;
}

function isNamed(node: NodeStatus, wanted: NodeExpectation, workflow: Workflow): boolean {
  const { displayName, nameContains, displayNamePrefix } = wanted;
  const shown = node.displayName ?? '';
  return (
    (displayName === undefined || shown === named(displayName, workflow)) &&
    (nameContains === undefined || node.name.includes(named(nameContains, workflow))) &&
    (displayNamePrefix === undefined || shown.startsWith(named(displayNamePrefix, workflow)))
  );
}

/** `$WF` stands for the name that the workflow got. */
function named(name: string, workflow: Workflow): string {
  return name.replaceAll('$WF', workflow.metadata.name ?? '');
}

function factsDifference(node: NodeStatus, wanted: NodeExpectation): Difference {
  const { phase = '', message = '' } = node;
  const wrongPhase = equal('phase', wanted.phase, phase);
  return (
    equal('type', wanted.type, node.type) ??
    (wrongPhase === undefined ? undefined : `${wrongPhase} (${message})`) ??
    (wanted.messageIs === 'literal'
      ? equal('message', wanted.message, message)
      : matching('message', wanted.message, message)) ??
    structureDifference(node, wanted) ??
    parametersDifference('inputs', node.inputs?.parameters, wanted.inputs) ??
    nodeOutputsDifference(node, wanted)
  );
}

function structureDifference(node: NodeStatus, wanted: NodeExpectation): Difference {
  const children = node.children ?? [];
  const flags = new Map<string, unknown>(Object.entries(node.nodeFlag ?? {}));
  return (
    equal('children', wanted.children, children.length) ??
    firstOf(wanted.childIds ?? [], (id) =>
      children.includes(id) ? undefined : `children: ${id} is not among ${children.join(', ')}`,
    ) ??
    firstOf(Object.entries(wanted.nodeFlag ?? {}), ([flag, value]) =>
      equal(`nodeFlag.${flag}`, value, flags.get(flag) === true),
    ) ??
    equal('templateScope', wanted.templateScope, node.templateScope) ??
    equal('memoized', wanted.memoized, node.memoizationStatus?.hit === true)
  );
}

function nodeOutputsDifference(node: NodeStatus, wanted: NodeExpectation): Difference {
  const { outputs } = node;
  const exitCode = wanted.outputs?.exitCode;
  return (
    equal('outputs.result', wanted.outputs?.result, outputs?.result) ??
    equal('outputs.exitCode', exitCode && String(exitCode), outputs?.exitCode) ??
    parametersDifference('outputs', outputs?.parameters, wanted.outputs)
  );
}

function parametersDifference(
  where: string,
  found: readonly NamedValue[] = [],
  wanted: ParameterExpectation = {},
): Difference {
  const named = new Map(found.map((parameter) => [parameter.name, parameter]));
  const valueOf = (name: string): string | undefined => {
    const value = named.get(name)?.value;
    return value === undefined ? undefined : String(value);
  };
  const inOrder = wanted.parametersInOrder?.map(text);
  return (
    firstOf(Object.entries(wanted.parameters ?? {}), ([name, value]) =>
      equal(`${where}.parameters.${name}`, text(value), valueOf(name)),
    ) ??
    firstOf(Object.entries(wanted.parametersMatch ?? {}), ([name, pattern]) =>
      matching(`${where}.parameters.${name}`, pattern, valueOf(name) ?? ''),
    ) ??
    equal(
      `${where}.parameters`,
      inOrder && JSON.stringify(inOrder),
      JSON.stringify(found.map((parameter) => String(parameter.value))),
    ) ??
    firstOf(Object.entries(wanted.enumOf ?? {}), ([name, values]) =>
      equal(
        `${where}.parameters.${name}.enum`,
        JSON.stringify(values.map(text)),
        JSON.stringify((named.get(name)?.enum ?? []).map(text)),
      ),
    )
  );
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
