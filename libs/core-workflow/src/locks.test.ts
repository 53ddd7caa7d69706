// Covers how runs and nodes get locks, wait for them and give them back, with the real lock machine between runs. Leaves out
// the rules of the queue: see locks/machine.test.ts.
import type { Template, Workflow, WorkflowSpec } from '@argosy/model';
import { describe, expect, test } from 'vitest';
import type { ControlCommand, Input, RunHeader } from './input.ts';
import { workflowMachine } from './machine.ts';
import { renderWorkflow } from './render/workflow.ts';
import {
  createInstallation,
  headerOf,
  leafOf,
  play,
  simulateRuns,
  tellLocks,
  workflowOf,
  type Installation,
  type SimulatedRun,
  type Simulation,
} from './testing/index.ts';

const START = 1_700_000_000_000;
const SECOND = 1_000;
const MUTEX = { synchronization: { mutexes: [{ name: 'm' }] } } as const;
const SEMAPHORE = {
  synchronization: { semaphores: [{ configMapKeyRef: { name: 'map', key: 'k' } }] },
} as const;

/** An installation in which somebody else holds the mutex `m`. */
function heldMutex(): Installation {
  const installation = createInstallation();
  const locks = [{ kind: 'Mutex', namespace: 'default', name: 'm', key: '' }] as const;
  const request = {
    holder: 'other_run_0',
    uid: 'other',
    namespace: 'default',
    workflow: 'other',
    locks,
    priority: 0,
    createdAtMs: 0,
  };
  tellLocks(installation, { kind: 'Acquire', at: 0, request });
  return installation;
}

function control(command: ControlCommand, afterMs = SECOND): Input {
  return { kind: 'Control', at: START + afterMs, command };
}

/** A run of its own uid and name among several. */
function runOf(name: string, workflow: Workflow, more: Partial<RunHeader> = {}): SimulatedRun {
  const named = { ...workflow, metadata: { ...workflow.metadata, name } };
  return {
    header: headerOf(named, { uid: name, name, ...more }),
    outcomes: () => ({ durationMs: SECOND }),
  };
}

function steps(name: string, calls: readonly string[], more: Template = {}): Template {
  return {
    name,
    steps: [calls.map((call, index) => ({ name: `s${index}`, template: call }))],
    ...more,
  };
}

function shownNodes({ state }: Simulation): Record<string, string> {
  const nodes = Object.values(renderWorkflow(state).status?.nodes ?? {});
  return Object.fromEntries(
    nodes.map(({ displayName, phase, message }) => [
      displayName ?? '',
      `${phase ?? ''}${message === undefined ? '' : `: ${message}`}`,
    ]),
  );
}

describe('locks of a template', () => {
  const mutual = workflowOf([steps('main', ['work', 'work', 'work']), leafOf('work', [], MUTEX)]);

  test('nodes with the same mutex run one after the other', () => {
    const played = play(mutual, () => ({ durationMs: SECOND }));
    expect(played.maxParallel).toBe(1);
    expect(played.workflow.status?.phase).toBe('Succeeded');
    expect(played.tasks.map(({ displayName }) => displayName)).toEqual(['s0', 's1', 's2']);
  });

  test('a semaphore lets as many run at once as its limit', () => {
    const installation = createInstallation({ limits: { 'default/ConfigMap/map/k': 2 } });
    const workflow = workflowOf([
      steps('main', ['work', 'work', 'work', 'work']),
      leafOf('work', [], SEMAPHORE),
    ]);
    const played = play(workflow, () => ({ durationMs: SECOND }), { installation });
    expect(played.maxParallel).toBe(2);
    expect(played.workflow.status?.phase).toBe('Succeeded');
  });

  test('a waiting node is Pending with a message, its task is not handed out', () => {
    const installation = heldMutex();
    const played = play(workflowOf([leafOf('main', [], MUTEX)]), {}, { installation });
    expect(played.tasks).toEqual([]);
    expect(played.node('wf')).toMatchObject({
      type: 'Pod',
      phase: 'Pending',
      message: 'Waiting for default/Mutex/m lock. Lock status: 0/1',
      synchronizationStatus: { waiting: 'default/Mutex/m' },
    });
    expect(played.workflow.status).toMatchObject({
      phase: 'Running',
      progress: '0/1',
      synchronization: {
        mutex: { waiting: [{ mutex: 'default/Mutex/m', holder: 'default/other' }] },
      },
    });
  });

  test('a node that holds a lock is listed with it in the status', () => {
    const installation = createInstallation({ limits: { 'default/ConfigMap/map/k': 3 } });
    const template = leafOf('main', [], {
      synchronization: { ...MUTEX.synchronization, ...SEMAPHORE.synchronization },
    });
    const { workflow } = play(
      workflowOf([template]),
      { wf: { stays: 'Running' } },
      { installation },
    );
    expect(workflow.status?.synchronization).toEqual({
      mutex: { holding: [{ mutex: 'default/Mutex/m', holder: 'default/wf/wf' }] },
      semaphore: {
        holding: [{ semaphore: 'default/ConfigMap/map/k', holders: ['default/wf/wf'] }],
      },
    });
  });

  test('the names of locks may hold variables of the run and of the inputs', () => {
    const workflow = workflowOf(
      [
        {
          name: 'main',
          dag: {
            tasks: ['x', 'y', 'x'].map((value, index) => ({
              name: `t${index}`,
              template: 'work',
              arguments: { parameters: [{ name: 'key', value }] },
            })),
          },
        },
        leafOf('work', ['key'], {
          synchronization: {
            mutexes: [{ name: '{{workflow.parameters.prefix}}-{{inputs.parameters.key}}' }],
          },
        }),
      ],
      { arguments: { parameters: [{ name: 'prefix', value: 'lock' }] } },
    );
    const played = play(workflow, () => ({ stays: 'Running' }));
    expect(played.maxParallel).toBe(2);
    expect(played.node('t2').synchronizationStatus).toEqual({ waiting: 'default/Mutex/lock-x' });
  });

  test('a lock may lie in another namespace', () => {
    const template = leafOf('main', [], {
      synchronization: { mutexes: [{ name: 'm', namespace: 'elsewhere' }] },
    });
    const { workflow } = play(workflowOf([template]), { wf: { stays: 'Running' } });
    expect(workflow.status?.synchronization?.mutex?.holding?.[0]?.mutex).toBe('elsewhere/Mutex/m');
  });

  test('a semaphore without a limit makes the node Error', () => {
    const played = play(workflowOf([leafOf('main', [], SEMAPHORE)]));
    expect(played.node('wf')).toMatchObject({ type: 'Pod', phase: 'Error' });
    expect(played.node('wf').message).toContain(
      'failed to initialize semaphore default/ConfigMap/map/k with limit',
    );
    expect(played.workflow.status?.phase).toBe('Error');
  });

  test('a lock that is not named rightly makes the node Error before it is asked for', () => {
    const template = leafOf('main', [], { synchronization: { semaphores: [{}] } });
    const played = play(workflowOf([template]));
    expect(played.nodes['wf']).toBe(
      'Skipped Error: requested configuration is invalid: a semaphore needs configMapKeyRef or database',
    );
  });

  test('a Retry node keeps its lock through all attempts', () => {
    const workflow = workflowOf([
      steps('main', ['flaky', 'work']),
      leafOf('flaky', [], { ...MUTEX, retryStrategy: { limit: '2', backoff: { duration: '5' } } }),
      leafOf('work', [], MUTEX),
    ]);
    const played = play(workflow, ({ displayName }) =>
      displayName === 's0(2)' || displayName === 's1' ? {} : { phase: 'Failed' },
    );
    expect(played.tasks.map(({ displayName }) => displayName)).toEqual([
      's0(0)',
      's0(1)',
      's0(2)',
      's1',
    ]);
    expect(played.workflow.status?.phase).toBe('Succeeded');
  });

  test('a Retry node that waits for its lock has type Retry and no attempt', () => {
    const template = leafOf('main', [], { ...MUTEX, retryStrategy: { limit: '2' } });
    const played = play(workflowOf([template]), {}, { installation: heldMutex() });
    expect(Object.keys(played.nodes)).toEqual(['wf']);
    expect(played.node('wf')).toMatchObject({ type: 'Retry', phase: 'Pending' });
  });

  test('a Steps or DAG node holds its lock until all below it have ended', () => {
    const workflow = workflowOf([
      steps('main', ['inner', 'inner']),
      steps('inner', ['leaf', 'leaf'], MUTEX),
      leafOf('leaf'),
    ]);
    const played = play(workflow, () => ({ durationMs: SECOND }));
    const [first, second, third] = played.tasks.map(({ nodeName }) => nodeName.slice(0, -3));
    expect([first, second, third]).toEqual(['wf[0].s0[0]', 'wf[0].s0[0]', 'wf[0].s1[0]']);
    expect(played.maxParallel).toBe(2);
  });

  test('a suspension begins when the lock is got', () => {
    const workflow = workflowOf([
      steps('main', ['wait', 'wait']),
      { name: 'wait', suspend: { duration: '10' }, ...MUTEX },
    ]);
    const played = play(workflow);
    expect(played.workflow.status?.phase).toBe('Succeeded');
    expect(played.state.finishedAt - START).toBe(20 * SECOND);
  });

  test('hooks take locks like any node', () => {
    const workflow = workflowOf([
      {
        name: 'main',
        steps: [
          [
            {
              name: 'job',
              template: 'work',
              hooks: {
                running: { expression: 'steps.job.status == "Running"', template: 'hook' },
              },
            },
          ],
        ],
      },
      leafOf('work'),
      leafOf('hook', [], MUTEX),
    ]);
    const waiting = play(workflow, {}, { installation: heldMutex() });
    expect(waiting.nodes['job.hooks.running']).toContain('Pending: Waiting for default/Mutex/m');
    expect(play(workflow).workflow.status?.phase).toBe('Succeeded');
  });

  test('a node that waits for a lock takes no place of the parallelism, and gets none too many', () => {
    const workflow = workflowOf(
      [
        steps('main', ['work', 'work', 'work', 'plain', 'plain']),
        leafOf('work', [], SEMAPHORE),
        leafOf('plain'),
      ],
      { parallelism: 2 },
    );
    const installation = createInstallation({ limits: { 'default/ConfigMap/map/k': 3 } });
    const played = play(workflow, () => ({ durationMs: SECOND }), { installation });
    expect(played.maxParallel).toBe(2);
    expect(played.workflow.status?.phase).toBe('Succeeded');
    const held = play(
      workflowOf(
        [steps('main', ['locked', 'plain']), leafOf('locked', [], MUTEX), leafOf('plain')],
        {
          parallelism: 1,
        },
      ),
      {},
      { installation: heldMutex() },
    );
    expect(held.nodes['s1']).toBe('Pod Succeeded');
  });

  test('`timeout` counts while the node waits for its lock', () => {
    const template = leafOf('main', [], { ...MUTEX, timeout: '30s' });
    const played = play(workflowOf([template]), {}, { installation: heldMutex() });
    expect(played.node('wf')).toMatchObject({ phase: 'Failed', message: 'timeout' });
    expect(played.state.finishedAt - START).toBe(30 * SECOND);
  });

  test('with failFast a node that waits for a lock fails when another has failed', () => {
    const workflow = workflowOf([
      {
        name: 'main',
        failFast: true,
        dag: {
          tasks: [
            { name: 'bad', template: 'plain' },
            { name: 'locked', template: 'locked' },
          ],
        },
      },
      leafOf('plain'),
      leafOf('locked', [], MUTEX),
    ]);
    const played = play(workflow, { bad: { phase: 'Failed' } }, { installation: heldMutex() });
    expect(played.node('locked').phase).toBe('Failed');
    expect(played.workflow.status?.phase).toBe('Failed');
  });
});

describe('the end of waiting', () => {
  const locked = workflowOf([steps('main', ['work']), leafOf('work', [], MUTEX)]);

  test.each(['Stop', 'Terminate'] as const)('%s fails a node that waits for a lock', (kind) => {
    const installation = heldMutex();
    const played = play(locked, {}, { installation, inputs: [control({ kind })] });
    expect(played.nodes['s0']).toBe(`Pod Failed: workflow shutdown with strategy: ${kind}`);
    expect(played.workflow.status?.phase).toBe('Failed');
    expect(installation.locks.requests.size).toBe(1);
  });

  test('the deadline of the run fails a node that waits for a lock', () => {
    const workflow = workflowOf([leafOf('main', [], MUTEX)], { activeDeadlineSeconds: 10 });
    const played = play(workflow, {}, { installation: heldMutex() });
    expect(played.nodes['wf']).toBe('Pod Failed: Step exceeded its deadline');
  });

  test.each([
    ['succeeds', {}],
    ['fails', { phase: 'Failed' }],
    ['errors', { phase: 'Error' }],
  ] as const)('a node that %s gives its lock back', (_, outcome) => {
    const installation = createInstallation();
    play(locked, { s0: outcome }, { installation });
    expect(installation.locks.requests.size).toBe(0);
  });

  test('a node whose deadline ends it gives its lock back', () => {
    const installation = createInstallation();
    const template = leafOf('main', [], { ...MUTEX, activeDeadlineSeconds: 5 });
    play(workflowOf([template]), { wf: { stays: 'Running' } }, { installation });
    expect(installation.locks.requests.size).toBe(0);
  });

  test('a daemon holds its lock until it is ended', () => {
    const installation = createInstallation();
    const workflow = workflowOf([
      {
        name: 'main',
        steps: [[{ name: 'd', template: 'daemon' }], [{ name: 'w', template: 'work' }]],
      },
      leafOf('daemon', [], { ...MUTEX, daemon: true }),
      leafOf('work'),
    ]);
    const held: number[] = [];
    const played = play(
      workflow,
      (task) => {
        if (task.displayName === 'w') held.push(installation.locks.requests.size);
        return task.displayName === 'd' ? { stays: 'Running' } : {};
      },
      { installation },
    );
    expect(played.workflow.status?.phase).toBe('Succeeded');
    expect(held).toEqual([1]);
    expect(installation.locks.requests.size).toBe(0);
  });

  test('locks that come to a node which has ended are given back', () => {
    const played = play(
      locked,
      {},
      { installation: heldMutex(), inputs: [control({ kind: 'Stop' })] },
    );
    const holder = `${played.state.context?.run.uid ?? ''}_2_0`;
    const decided = workflowMachine.decide(played.state, {
      kind: 'LocksReported',
      at: START,
      holder,
      outcome: { kind: 'Granted' },
    });
    expect(decided).toEqual({ ok: true, value: [{ kind: 'LocksReturned', at: START, holder }] });
  });
});

describe('locks of the whole run', () => {
  const whole = (spec: Partial<WorkflowSpec> = {}): Workflow =>
    workflowOf([leafOf('main')], { ...MUTEX, ...spec });

  test('the run is Pending with a message and has no nodes until it has its locks', () => {
    const { workflow } = play(whole(), {}, { installation: heldMutex() });
    expect(workflow.status).toMatchObject({
      phase: 'Pending',
      message: 'Waiting for default/Mutex/m lock. Lock status: 0/1',
      startedAt: null,
    });
    expect(workflow.status?.nodes).toBeUndefined();
  });

  test('runs with the same mutex run one after the other, by priority and then by creation', () => {
    const installation = createInstallation();
    const runs = [
      runOf('first', whole()),
      runOf('late', whole(), { createdAtMs: START + 200 }),
      runOf('early', whole(), { createdAtMs: START + 100 }),
      runOf('urgent', whole({ priority: 5 }), { createdAtMs: START + 300 }),
    ];
    const ended = simulateRuns(runs, { installation });
    const order = [...ended].sort((left, right) => left.state.finishedAt - right.state.finishedAt);
    expect(order.map(({ state }) => state.context?.run.name)).toEqual([
      'first',
      'urgent',
      'early',
      'late',
    ]);
    expect(ended.every(({ state }) => state.phase === 'Succeeded')).toBe(true);
    expect(ended.map(({ state }) => state.finishedAt - state.startedAt)).toEqual(
      ended.map(() => SECOND),
    );
    expect(installation.locks.requests.size).toBe(0);
  });

  test('the lock is held until the exit handler has ended', () => {
    const installation = createInstallation();
    const workflow = workflowOf([leafOf('main'), leafOf('bye')], { ...MUTEX, onExit: 'bye' });
    const held: number[] = [];
    play(
      workflow,
      () => {
        held.push(installation.locks.requests.size);
        return {};
      },
      { installation },
    );
    expect(held).toEqual([1, 1]);
    expect(installation.locks.requests.size).toBe(0);
  });

  test('Terminate while waiting: Failed at once, without nodes, and out of the queue', () => {
    const installation = heldMutex();
    const inputs = [control({ kind: 'Terminate' })];
    const { workflow } = play(whole(), {}, { installation, inputs });
    expect(workflow.status?.phase).toBe('Failed');
    expect(workflow.status?.nodes).toBeUndefined();
    expect(installation.locks.requests.size).toBe(1);
  });

  test('Stop while waiting: the run keeps waiting, and stops when it has its locks', () => {
    const installation = heldMutex();
    const inputs = [control({ kind: 'Stop' })];
    const { workflow, state } = play(whole(), {}, { installation, inputs });
    expect(workflow.status?.phase).toBe('Pending');
    const hold = state.holds.get(-1);
    const granted = play(
      whole(),
      {},
      {
        installation: heldMutex(),
        inputs: [
          ...inputs,
          {
            kind: 'LocksReported',
            at: START + 2 * SECOND,
            holder: hold?.holder ?? '',
            outcome: { kind: 'Granted' },
          },
        ],
      },
    );
    expect(granted.workflow.status?.phase).toBe('Failed');
    expect(granted.nodes['wf']).toBe('Pod Failed: workflow shutdown with strategy: Stop');
  });

  test('a lock that cannot be had fails the run', () => {
    const { workflow } = play(workflowOf([leafOf('main')], SEMAPHORE));
    expect(workflow.status?.phase).toBe('Failed');
    expect(workflow.status?.message).toMatch(/^Failed to acquire the synchronization lock\. /);
  });

  test('the deadline of the run counts from when it has its locks', () => {
    const spec = { activeDeadlineSeconds: 10 };
    const runs = [runOf('a', whole()), runOf('b', whole(spec)), runOf('c', whole(spec))];
    const slow = runs.map((run) => ({ ...run, outcomes: () => ({ durationMs: 8 * SECOND }) }));
    const ended = simulateRuns(slow);
    expect(ended.map(({ state }) => state.phase)).toEqual(['Succeeded', 'Succeeded', 'Succeeded']);
  });

  test('a run and its nodes may hold different locks at the same time', () => {
    const workflow = workflowOf([leafOf('main', [], MUTEX)], {
      synchronization: { mutexes: [{ name: 'whole' }] },
    });
    expect(play(workflow).workflow.status?.phase).toBe('Succeeded');
  });
});

describe('crashes and retries', () => {
  const both = (name: string): SimulatedRun =>
    runOf(
      name,
      workflowOf(
        [
          steps('main', ['work', 'work']),
          leafOf('work', [], { ...MUTEX, retryStrategy: { limit: '1' } }),
        ],
        SEMAPHORE,
      ),
    );

  test('runs with locks end the same when their owner is lost before every input', () => {
    const names = ['a', 'b', 'c'];
    const [smooth, rough] = [false, true].map((crashes) => {
      const installation = createInstallation({ limits: { 'default/ConfigMap/map/k': 2 } });
      const ended = simulateRuns(names.map(both), { crashes, installation });
      expect(installation.locks.requests.size).toBe(0);
      return ended.map((run) => [run.state.phase, shownNodes(run), run.tasks.length]);
    });
    expect(rough).toEqual(smooth);
    expect(smooth?.every(([phase]) => phase === 'Succeeded')).toBe(true);
  });

  test('a manual retry gets the locks of the run anew, under a new name', () => {
    const installation = createInstallation();
    const workflow = workflowOf([leafOf('main')], MUTEX);
    let attempts = 0;
    const holders: string[] = [];
    const played = play(
      workflow,
      () => {
        attempts += 1;
        holders.push(...installation.locks.requests.keys());
        return attempts === 1 ? { phase: 'Failed' } : {};
      },
      { installation, inputs: [control({ kind: 'Retry' }, 60 * SECOND)] },
    );
    expect(played.workflow.status?.phase).toBe('Succeeded');
    expect(new Set(holders).size).toBe(2);
    expect(installation.locks.requests.size).toBe(0);
  });

  test('a container that is opened again waits for its lock before what is below it goes on', () => {
    const installation = createInstallation();
    const workflow = workflowOf([
      steps('main', ['inner']),
      {
        name: 'inner',
        steps: [[{ name: 'a', template: 'leaf' }], [{ name: 'b', template: 'leaf' }]],
        ...MUTEX,
      },
      leafOf('leaf'),
    ]);
    let failed = false;
    const other = heldMutex().locks.requests.get('other_run_0')?.request;
    const play1 = play(
      workflow,
      ({ displayName }) => {
        if (displayName !== 'b' || failed) return {};
        failed = true;
        return { phase: 'Failed' };
      },
      {
        installation,
        inputs: [control({ kind: 'Retry' }, 60 * SECOND)],
        react: (fact) => {
          if (fact.kind === 'RunFinished' && other !== undefined) {
            tellLocks(installation, { kind: 'Acquire', at: fact.at, request: other });
          }
          return [];
        },
      },
    );
    expect(play1.tasks.map(({ displayName }) => displayName)).toEqual(['a', 'b']);
    expect(play1.node('s0')).toMatchObject({ phase: 'Pending', type: 'Steps' });
    const [granted] = tellLocks(installation, {
      kind: 'Release',
      at: START,
      holder: 'other_run_0',
    });
    expect(granted?.input).toMatchObject({ kind: 'LocksReported', outcome: { kind: 'Granted' } });
  });
});
