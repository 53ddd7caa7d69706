import { assertNever } from '@argosy/base';
import type { DagPlan } from '../plan/dag.ts';
import type {
  DagRuntime,
  GroupRuntime,
  HookRuntime,
  RetryRuntime,
  Runtime,
  StepsRuntime,
} from '../state.ts';

/** Every field has to be thought of; what can be derived again is kept as undefined. */
type DataOf<Value> = { readonly [Field in keyof Required<Value>]: unknown };

/** What a container keeps about its children, as plain data. */
export function runtimeToData(runtime: Runtime): unknown {
  switch (runtime.kind) {
    case 'Group':
      return groupToData(runtime);
    case 'DAG':
      return dagToData(runtime);
    case 'Steps':
    case 'Retry':
      // Numbers, truth values and lists of numbers only.
      return runtime;
    default:
      return assertNever(runtime);
  }
}

/** The reverse of `runtimeToData`. A DAG is compiled from its template again. */
export function runtimeFromData(
  data: unknown,
  dagOfNode: () => DagPlan | undefined,
): Runtime | undefined {
  switch ((data as Runtime).kind) {
    case 'Group':
      return groupFromData(data as GroupData);
    case 'Steps':
      return stepsFromData(data as StepsRuntime);
    case 'Retry':
      return retryFromData(data as RetryRuntime);
    case 'DAG': {
      const dag = dagOfNode();
      return dag === undefined ? undefined : dagFromData(data as DagData, dag);
    }
  }
}

interface GroupData extends Omit<GroupRuntime, 'loops' | 'aggregate'> {
  readonly loops: readonly (readonly string[] | null)[];
}

function groupToData(group: GroupRuntime): DataOf<GroupRuntime> {
  return {
    kind: group.kind,
    children: group.children,
    total: group.total,
    open: group.open,
    loops: Array.from(group.loops, (items) => items ?? null),
    holes: group.holes,
    error: group.error,
    // Made again when somebody asks.
    aggregate: undefined,
  };
}

function groupFromData(data: GroupData): GroupRuntime {
  return {
    kind: 'Group',
    children: data.children,
    total: data.total,
    open: data.open,
    loops: data.loops.map((items) => items ?? undefined),
    holes: data.holes,
    error: data.error,
    aggregate: undefined,
  };
}

function stepsFromData(data: StepsRuntime): StepsRuntime {
  const { kind, groups, active, failed, daemons, waiters } = data;
  return { kind, groups, active, failed, daemons, waiters };
}

function retryFromData(data: RetryRuntime): RetryRuntime {
  const { kind, attempts } = data;
  return { kind, attempts };
}

interface DagData extends Omit<DagRuntime, 'dag' | 'taskNodes' | 'waiting'> {
  readonly taskNodes: readonly number[];
  readonly waiting: readonly number[];
}

function dagToData(runtime: DagRuntime): DataOf<DagRuntime> {
  return {
    kind: runtime.kind,
    dag: undefined,
    taskNodes: Array.from(runtime.taskNodes),
    waiting: Array.from(runtime.waiting),
    ready: runtime.ready,
    readyHead: runtime.readyHead,
    settled: runtime.settled,
    open: runtime.open,
    active: runtime.active,
    failed: runtime.failed,
    daemons: runtime.daemons,
    waiters: runtime.waiters,
  };
}

function dagFromData(data: DagData, dag: DagPlan): DagRuntime {
  return {
    kind: 'DAG',
    dag,
    taskNodes: Int32Array.from(data.taskNodes),
    waiting: Int32Array.from(data.waiting),
    ready: data.ready,
    readyHead: data.readyHead,
    settled: data.settled,
    open: data.open,
    active: data.active,
    failed: data.failed,
    daemons: data.daemons,
    waiters: data.waiters,
  };
}

interface HookData {
  readonly started: readonly (readonly [string, number])[];
  readonly open: number;
}

export function hooksToData(hooks: HookRuntime): DataOf<HookRuntime> {
  return { started: [...hooks.started], open: hooks.open };
}

export function hooksFromData(data: unknown): HookRuntime {
  const { started, open } = data as HookData;
  return { started: new Map(started), open };
}

/** Names of all fields that are kept: a part of what makes up the form of a snapshot. */
export function runtimeFields(): readonly string[] {
  const samples = [
    groupFromData({ loops: [] as GroupData['loops'] } as GroupData),
    stepsFromData({} as StepsRuntime),
    retryFromData({} as RetryRuntime),
    dagFromData({ taskNodes: [], waiting: [] } as unknown as DagData, {} as DagPlan),
    hooksFromData({ started: [] }),
  ];
  return samples.flatMap((sample) => Object.keys(sample));
}
