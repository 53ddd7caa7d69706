// Covers memoized templates of all types: when the cache is asked, what a hit and a miss lead to, what is remembered. Leaves
// out how caches are stored.
import type { Template, Workflow } from '@argosy/model';
import { describe, expect, test } from 'vitest';
import type { MemoEntry } from './memo.ts';
import {
  createInstallation,
  leafOf,
  play,
  workflowOf,
  type Installation,
  type Outcomes,
  type Played,
} from './testing/index.ts';

const START = 1_700_000_000_000;
const SECOND = 1_000;

const memoize = (key: string, more: { readonly maxAge?: string } = {}) => ({
  memoize: { key, cache: { configMap: { name: 'cache' } }, ...more },
});

function entryOf(outputs: MemoEntry['outputs'], at = START - 60 * SECOND): MemoEntry {
  const time = new Date(at).toISOString();
  return { nodeID: 'former', outputs, creationTimestamp: time, lastHitTimestamp: time };
}

const out = { outputs: { parameters: [{ name: 'out', valueFrom: { path: '/out' } }] } } as const;
const known = { parameters: [{ name: 'out', value: 'known' }] };

function cached(entries: Readonly<Record<string, MemoEntry>>): Installation {
  return createInstallation({ caches: { 'default/cache': entries } });
}

function twice(template: Template): Workflow {
  return workflowOf([
    { name: 'main', steps: [[{ name: 'a', template: 'work' }], [{ name: 'b', template: 'work' }]] },
    template,
    leafOf('leaf'),
  ]);
}

function playCached(
  template: Template,
  entries: Readonly<Record<string, MemoEntry>> = { key: entryOf(known) },
  outcomes: Outcomes = {},
): Played {
  return play(workflowOf([template, leafOf('leaf')]), outcomes, {
    installation: cached(entries),
  });
}

describe('a hit', () => {
  test('ends a leaf at once with the remembered outputs, and its task is not handed out', () => {
    const played = playCached(leafOf('main', [], { ...memoize('key'), ...out }));
    expect(played.tasks).toEqual([]);
    expect(played.node('wf')).toMatchObject({
      type: 'Pod',
      phase: 'Succeeded',
      memoizationStatus: { hit: true, key: 'key', cacheName: 'cache' },
      outputs: { parameters: [{ name: 'out', value: 'known' }] },
    });
  });

  test.each([
    ['Steps', { name: 'main', steps: [[{ name: 'x', template: 'leaf' }]] }],
    ['DAG', { name: 'main', dag: { tasks: [{ name: 'x', template: 'leaf' }] } }],
    ['Suspend', { name: 'main', suspend: {} }],
    ['HTTP', { name: 'main', http: { url: 'http://x' } }],
    ['Retry', leafOf('main', [], { retryStrategy: { limit: '3' } })],
  ] as const)('ends a %s node, which then has no children', (type, template) => {
    const played = playCached({ ...template, ...memoize('key') });
    expect(Object.keys(played.nodes)).toEqual(['wf']);
    expect(played.node('wf')).toMatchObject({ type, phase: 'Succeeded' });
    expect(played.node('wf').children).toBeUndefined();
  });

  test('counts without outputs too', () => {
    const played = playCached(leafOf('main', [], memoize('key')), { key: entryOf(null) });
    expect(played.node('wf')).toMatchObject({
      phase: 'Succeeded',
      memoizationStatus: { hit: true },
    });
  });

  test('lets later steps see the remembered outputs', () => {
    const workflow = workflowOf([
      {
        name: 'main',
        steps: [
          [{ name: 'a', template: 'work' }],
          [
            {
              name: 'b',
              template: 'show',
              arguments: {
                parameters: [{ name: 'text', value: '{{steps.a.outputs.parameters.out}}' }],
              },
            },
          ],
        ],
      },
      leafOf('work', [], { ...memoize('key'), ...out }),
      leafOf('show', ['text']),
    ]);
    const played = play(workflow, {}, { installation: cached({ key: entryOf(known) }) });
    expect(played.args['b']).toEqual(['known']);
    expect(played.node('a').children).toHaveLength(1);
  });

  test('runs the exit hook of its step', () => {
    const workflow = workflowOf([
      {
        name: 'main',
        steps: [[{ name: 'a', template: 'work', hooks: { exit: { template: 'leaf' } } }]],
      },
      leafOf('work', [], memoize('key')),
      leafOf('leaf'),
    ]);
    const played = play(workflow, {}, { installation: cached({ key: entryOf(known) }) });
    expect(played.tasks.map(({ displayName }) => displayName)).toEqual(['a.onExit']);
  });
});

describe('a miss', () => {
  test('runs the node and remembers its outputs with the node and the time', () => {
    const installation = createInstallation();
    const template = leafOf('main', [], { ...memoize('key'), ...out });
    const played = play(
      workflowOf([template]),
      { wf: { parameters: { out: 'new' }, durationMs: 5 * SECOND } },
      { installation },
    );
    expect(played.node('wf').memoizationStatus).toEqual({
      hit: false,
      key: 'key',
      cacheName: 'cache',
    });
    expect(installation.caches.get('default/cache')?.get('key')).toEqual({
      nodeID: 'wf',
      outputs: { parameters: [{ name: 'out', valueFrom: { path: '/out' }, value: 'new' }] },
      creationTimestamp: '2023-11-14T22:13:25Z',
      lastHitTimestamp: '2023-11-14T22:13:25Z',
    });
  });

  test('without outputs is remembered too', () => {
    const installation = createInstallation();
    play(workflowOf([leafOf('main', [], memoize('key'))]), {}, { installation });
    expect(installation.caches.get('default/cache')?.get('key')?.outputs).toBeNull();
  });

  test.each(['Failed', 'Error'] as const)('of a node that ends %s is not remembered', (phase) => {
    const installation = createInstallation();
    play(workflowOf([leafOf('main', [], memoize('key'))]), { wf: { phase } }, { installation });
    expect(installation.caches.size).toBe(0);
  });

  test('of a Retry node is remembered once it has succeeded, with the outputs of that attempt', () => {
    const installation = createInstallation();
    const template = leafOf('main', [], {
      ...memoize('key'),
      ...out,
      retryStrategy: { limit: '2' },
    });
    play(
      workflowOf([template]),
      { 'wf(0)': { phase: 'Failed' }, 'wf(1)': { parameters: { out: 'second' } } },
      { installation },
    );
    const entry = installation.caches.get('default/cache')?.get('key');
    expect(entry?.outputs?.parameters?.[0]?.value).toBe('second');
  });

  test('is a hit for the same key later in the run', () => {
    const played = play(twice(leafOf('work', [], memoize('key'))));
    expect(played.tasks.map(({ displayName }) => displayName)).toEqual(['a']);
    expect(played.node('b').memoizationStatus?.hit).toBe(true);
  });

  test('of a steps template is remembered with the outputs of the template', () => {
    const installation = createInstallation();
    const template: Template = {
      name: 'work',
      steps: [[{ name: 'x', template: 'leaf' }]],
      outputs: {
        parameters: [{ name: 'out', valueFrom: { parameter: '{{steps.x.outputs.result}}' } }],
      },
      ...memoize('key'),
    };
    const played = play(twice(template), { x: { result: 'hello' } }, { installation });
    expect(played.tasks).toHaveLength(1);
    expect(played.node('b').outputs?.parameters?.[0]?.value).toBe('hello');
  });
});

describe('keys, caches and age', () => {
  test('the key and the name of the cache may hold variables', () => {
    const installation = createInstallation();
    const template: Template = leafOf('main', ['x'], {
      memoize: {
        key: '{{inputs.parameters.x}}-{{workflow.name}}',
        cache: { configMap: { name: 'cache-{{inputs.parameters.x}}' } },
      },
    });
    const workflow = workflowOf([template], {
      arguments: { parameters: [{ name: 'x', value: 'v' }] },
    });
    play(workflow, {}, { installation });
    expect([...(installation.caches.get('default/cache-v')?.keys() ?? [])]).toEqual(['v-wf']);
  });

  test.each(['', 'a_b', '-a', 'a b', 'a/b'])('the key "%s" is an error', (key) => {
    const played = playCached(leafOf('main', [], memoize(key)));
    expect(played.nodes['wf']).toContain(`Skipped Error: invalid cache key: ${key}`);
  });

  test('a template that names no cache is an error', () => {
    const played = playCached(leafOf('main', [], { memoize: { key: 'key' } }));
    expect(played.nodes['wf']).toContain('cache could not be found or created');
  });

  test.each([
    ['10s', 9, true],
    ['10s', 11, false],
    ['1h30m', 89 * 60, true],
  ])('with maxAge %s a result of %i seconds ago: hit is %s', (maxAge, ageSeconds, hit) => {
    const played = playCached(leafOf('main', [], memoize('key', { maxAge })), {
      key: entryOf(null, START - ageSeconds * SECOND),
    });
    expect(played.node('wf').memoizationStatus?.hit).toBe(hit);
  });

  test('a result that is too old is replaced', () => {
    const installation = cached({ key: entryOf(known, START - 60 * SECOND) });
    play(workflowOf([leafOf('main', [], memoize('key', { maxAge: '10s' }))]), {}, { installation });
    expect(installation.caches.get('default/cache')?.get('key')?.nodeID).toBe('wf');
  });

  test('a maxAge that cannot be read is an error', () => {
    const played = playCached(leafOf('main', [], memoize('key', { maxAge: 'soon' })));
    expect(played.nodes['wf']).toContain('Skipped Error: invalid maxAge: ');
  });

  test('a ConfigMap that is no cache makes the node Error', () => {
    const message = "configmap doesn't have label workflows.argoproj.io/configmap-type";
    const installation = createInstallation({ refusedCaches: { 'default/cache': message } });
    const played = play(workflowOf([leafOf('main', [], memoize('key'))]), {}, { installation });
    expect(played.nodes['wf']).toBe(`Pod Error: ${message}`);
  });
});

describe('locks and crashes', () => {
  test('the cache is asked once the lock is got, so the second holder finds what the first has made', () => {
    const workflow = workflowOf([
      {
        name: 'main',
        steps: [
          [
            { name: 'a', template: 'work' },
            { name: 'b', template: 'work' },
          ],
        ],
      },
      leafOf('work', [], { ...memoize('key'), synchronization: { mutexes: [{ name: 'm' }] } }),
    ]);
    const played = play(workflow, () => ({ durationMs: SECOND }));
    expect(played.tasks.map(({ displayName }) => displayName)).toEqual(['a']);
    expect(played.node('b')).toMatchObject({
      phase: 'Succeeded',
      memoizationStatus: { hit: true },
    });
  });

  test('memoized nodes end the same when their owner is lost before every input', () => {
    const template = leafOf('work', [], {
      ...memoize('key'),
      ...out,
      retryStrategy: { limit: '1' },
    });
    const ended = [false, true].map((crashes) => {
      const installation = createInstallation();
      const outcomes = {
        'a(0)': { phase: 'Failed' },
        'a(1)': { parameters: { out: 'v' } },
      } as const;
      const played = play(twice(template), outcomes, { installation, crashes });
      const entry = installation.caches.get('default/cache')?.get('key');
      return [played.nodes, played.tasks.length, entry];
    });
    expect(ended[1]).toEqual(ended[0]);
  });
});
