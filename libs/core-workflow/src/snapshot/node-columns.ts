import type { NodeRecord, Runtime, RunState } from '../state.ts';
import { planOf } from '../names.ts';
import type { DagPlan } from '../plan/dag.ts';
import { dagOf } from '../plan/template.ts';
import { createScope } from '../scope/variables.ts';
import { lists, optionalData, plain, sparse, words, type Column } from './columns.ts';
import { hooksFromData, hooksToData, runtimeFromData, runtimeToData } from './runtime.ts';

type Columns = { readonly [Field in keyof NodeRecord]-?: Column<NodeRecord[Field]> };

/**
 * How each field of a node is kept. A field that is missing here is an error of the compiler; so it is in `recordAt`. What a
 * snapshot of another set of fields holds is not read, so nothing has to be done for older ones.
 */
const COLUMNS: Columns = {
  index: plain(),
  type: words(),
  relation: words(),
  parent: plain(),
  boundary: plain(),
  slot: plain(),
  item: plain(),
  plan: plain(),
  label: plain(),
  depth: plain(),
  inExit: plain(),
  phase: words(),
  message: words(),
  settled: plain(),
  dirty: plain(),
  dropped: plain(),
  createdAt: plain(),
  startedAt: plain(),
  finishedAt: plain(),
  until: plain(),
  parameters: lists(),
  artifacts: lists(),
  outputs: optionalData(),
  // The second half is done by `nodesFromData`, which has the templates at hand.
  runtime: sparse<Runtime | undefined>({
    usual: undefined,
    isUsual: (value) => value === undefined,
    toData: (value) => (value === undefined ? undefined : runtimeToData(value)),
    fromData: (data) => data as Runtime,
  }),
  hooks: sparse<NodeRecord['hooks']>({
    usual: undefined,
    isUsual: (value) => value === undefined,
    toData: (value) => (value === undefined ? undefined : hooksToData(value)),
    fromData: hooksFromData,
  }),
  hostNodeName: words(),
  podIP: words(),
  progress: words(),
  daemoned: plain(),
};

type Field = keyof NodeRecord;

export const NODE_FIELDS = Object.keys(COLUMNS) as readonly Field[];

export interface NodesData {
  readonly count: number;
  readonly columns: Readonly<Record<Field, unknown>>;
}

/** One field of all nodes after the other. */
export function* packedColumns(
  nodes: readonly NodeRecord[],
): Generator<readonly [field: string, column: unknown]> {
  for (const field of NODE_FIELDS) yield [field, pack(field, nodes)];
}

function pack<Name extends Field>(field: Name, nodes: readonly NodeRecord[]): unknown {
  const column = COLUMNS[field] as Column<NodeRecord[Name]>;
  return column.pack(nodes.map((node) => node[field]));
}

/** Adds the nodes to a state that has its context already. */
export function nodesFromData(state: RunState, data: NodesData): void {
  const { count, columns } = data;
  const values = Object.fromEntries(
    NODE_FIELDS.map((field) => [field, COLUMNS[field].unpack(columns[field])] as const),
  ) as unknown as Unpacked;
  for (let index = 0; index < count; index += 1) state.nodes.push(recordAt(values, index));
  for (const node of state.nodes) {
    if (node.runtime === undefined) continue;
    node.runtime = runtimeFromData(node.runtime, () => dagOfNode(state, node));
  }
}

type Unpacked = { readonly [Name in Field]-?: (index: number) => NodeRecord[Name] };

/** One literal, so that all nodes have the same shape in memory. */
function recordAt(values: Unpacked, index: number): NodeRecord {
  return {
    index: values.index(index),
    type: values.type(index),
    relation: values.relation(index),
    parent: values.parent(index),
    boundary: values.boundary(index),
    slot: values.slot(index),
    item: values.item(index),
    plan: values.plan(index),
    label: values.label(index),
    depth: values.depth(index),
    inExit: values.inExit(index),
    phase: values.phase(index),
    message: values.message(index),
    settled: values.settled(index),
    dirty: values.dirty(index),
    dropped: values.dropped(index),
    createdAt: values.createdAt(index),
    startedAt: values.startedAt(index),
    finishedAt: values.finishedAt(index),
    until: values.until(index),
    parameters: values.parameters(index),
    artifacts: values.artifacts(index),
    outputs: values.outputs(index),
    runtime: values.runtime(index),
    hooks: values.hooks(index),
    hostNodeName: values.hostNodeName(index),
    podIP: values.podIP(index),
    progress: values.progress(index),
    daemoned: values.daemoned(index),
  };
}

/** The compiled DAG of a node, as it was when the node was made: its target follows from the node's inputs. */
function dagOfNode(state: RunState, node: NodeRecord): DagPlan | undefined {
  const plan = planOf(state, node);
  if (plan === undefined) return undefined;
  const { parameters, artifacts } = node;
  const dag = dagOf(plan, createScope({ state, inputs: { plan, parameters, artifacts } }));
  return dag.ok ? dag.value : undefined;
}
