// Covers which metrics of templates and of the run are told, when, and with which values; and what a metric that cannot be
// computed leads to. Leaves out how they are kept and scraped.
import type { Prometheus, Template } from '@argosy/model';
import { describe, expect, test } from 'vitest';
import { leafOf, play, workflowOf, type Outcomes, type Played } from './testing/index.ts';

const START = 1_700_000_000_000;
const SECOND = 1_000;

const counter = (name: string, value: string, more: Partial<Prometheus> = {}): Prometheus => ({
  name,
  help: 'h',
  counter: { value },
  ...more,
});

function told(template: Template, outcomes: Outcomes = {}): Played {
  return play(
    workflowOf([{ name: 'main', steps: [[{ name: 'a', template: 'work' }]] }, template]),
    outcomes,
  );
}

function working(prometheus: readonly Prometheus[], more: Template = {}): Template {
  return leafOf('work', [], { metrics: { prometheus }, ...more });
}

const values = (played: Played): readonly unknown[] => played.metrics.map(({ value }) => value);

describe('metrics of a template', () => {
  test('are told when its node ends, with counter, gauge and histogram in their forms', () => {
    const played = told(
      working([
        counter('c', '2'),
        { name: 'g', help: 'h', gauge: { value: '{{duration}}' } },
        { name: 'g2', help: 'h', gauge: { value: '1.5', operation: 'Add' } },
        { name: 'h', help: 'h', histogram: { value: '{{duration}}', buckets: [1, '2.5'] } },
      ]),
      { a: { durationMs: 3 * SECOND } },
    );
    expect(played.metrics).toEqual([
      { name: 'c', help: 'h', labels: [], value: { kind: 'Counter', value: 2 } },
      { name: 'g', help: 'h', labels: [], value: { kind: 'Gauge', value: 3, operation: 'Set' } },
      { name: 'g2', help: 'h', labels: [], value: { kind: 'Gauge', value: 1.5, operation: 'Add' } },
      {
        name: 'h',
        help: 'h',
        labels: [],
        value: { kind: 'Histogram', value: 3, buckets: [1, 2.5] },
      },
    ]);
  });

  test('may use status, exit code, inputs and outputs in labels and values', () => {
    const labels = [
      { key: 'status', value: '{{status}}' },
      { key: 'code', value: '{{exitCode}}' },
      { key: 'wf', value: '{{workflow.name}}' },
      { key: 'out', value: '{{outputs.parameters.size}}' },
      { key: 'result', value: '{{outputs.result}}' },
    ];
    const played = told(working([counter('c', '{{outputs.parameters.size}}', { labels })]), {
      a: { phase: 'Failed', exitCode: 3, parameters: { size: '7' }, result: 'r' },
    });
    expect(played.metrics[0]?.value).toEqual({ kind: 'Counter', value: 7 });
    expect(played.metrics[0]?.labels.map(({ value }) => value)).toEqual([
      'Failed',
      '3',
      'wf',
      '7',
      'r',
    ]);
  });

  test.each([
    ['{{status}} == Failed', 'Failed', 1],
    ['{{status}} == Failed', 'Succeeded', 0],
  ] as const)('are told only if their when (%s) is true: %s', (when, phase, count) => {
    const played = told(working([counter('c', '1', { when })]), { a: { phase } });
    expect(played.metrics).toHaveLength(count);
  });

  test('a realtime gauge is told at the start, and once more with its last value', () => {
    const gauge = { value: '{{duration}}', realtime: true };
    const played = told(working([{ name: 'g', help: 'h', gauge }]), {
      a: { durationMs: 4 * SECOND },
    });
    expect(values(played)).toEqual([
      { kind: 'RunningGauge', sinceMs: START },
      { kind: 'Gauge', value: 4, operation: 'Set' },
    ]);
  });

  test('each attempt that is followed by another one is told, and the Retry node at its end', () => {
    const labels = [{ key: 'l', value: '{{status}} {{retries}}' }];
    const template = working([counter('c', '1', { labels })], { retryStrategy: { limit: '3' } });
    const played = told(template, { 'a(0)': { phase: 'Failed' }, 'a(1)': { phase: 'Failed' } });
    expect(played.metrics.map((sample) => sample.labels[0]?.value)).toEqual([
      'Failed 0',
      'Failed 1',
      'Succeeded 2',
    ]);
  });

  test('of Steps and DAG templates are told too', () => {
    const metrics = { prometheus: [counter('c', '1')] };
    const played = play(
      workflowOf([
        { name: 'main', metrics, steps: [[{ name: 'd', template: 'dag' }]] },
        { name: 'dag', metrics, dag: { tasks: [{ name: 't', template: 'leaf' }] } },
        leafOf('leaf'),
      ]),
    );
    expect(played.metrics).toHaveLength(2);
  });

  test('a result from the cache is nobody’s work: no metrics', () => {
    const template = working([counter('c', '1')], {
      memoize: { key: 'k', cache: { configMap: { name: 'cache' } } },
    });
    const calls = ['a', 'b'].map((name) => [{ name, template: 'work' }]);
    const played = play(workflowOf([{ name: 'main', steps: calls }, template]));
    expect(played.node('b').memoizationStatus?.hit).toBe(true);
    expect(played.metrics).toHaveLength(1);
  });
});

describe('metrics of the run', () => {
  const run = (prometheus: readonly Prometheus[], outcomes: Outcomes = {}): Played =>
    play(workflowOf([leafOf('main')], { metrics: { prometheus } }), outcomes);

  test('are told at its end with its status and duration', () => {
    const labels = [{ key: 's', value: '{{workflow.status}} {{status}}' }];
    const played = run([counter('c', '{{workflow.duration}}', { labels })], {
      wf: { phase: 'Failed', durationMs: 2 * SECOND },
    });
    expect(played.metrics).toEqual([
      {
        name: 'c',
        help: 'h',
        labels: [{ key: 's', value: 'Failed Failed' }],
        value: { kind: 'Counter', value: 2 },
      },
    ]);
  });

  test('a realtime gauge of it is told at its start', () => {
    const gauge = { value: '{{workflow.duration}}', realtime: true };
    const played = run([{ name: 'g', help: 'h', gauge }]);
    expect(values(played)[0]).toEqual({ kind: 'RunningGauge', sinceMs: START });
    expect(played.metrics).toHaveLength(2);
  });
});

describe('a metric that cannot be computed', () => {
  test.each([
    [counter('c', 'many'), "its value 'many' is not a number"],
    [counter('c', '{{nothing}}'), 'nothing'],
    [counter('c', '1', { help: '' }), 'must contain a help string'],
    [counter('c', '1', { when: 'a b c' }), "unable to compute 'when' clause for metric 'c'"],
    [{ name: 'g', help: 'h', gauge: { value: '1', realtime: true } }, 'real time metrics can only'],
    [
      { name: 'g', help: 'h', gauge: { value: '{{status}}', realtime: true } },
      'is not available as a real time metric',
    ],
  ] as const)('sets the condition MetricsError, and the run goes on: %o', (metric, message) => {
    const played = told(working([metric, counter('good', '1')]));
    expect(played.workflow.status?.phase).toBe('Succeeded');
    const condition = played.workflow.status?.conditions?.find(
      ({ type }) => type === 'MetricsError',
    );
    expect(condition?.message).toContain(message);
    expect(played.metrics.some(({ name }) => name === 'good')).toBe(true);
  });
});

test('metrics are not told again after a crash', () => {
  const template = working([counter('c', '1')]);
  const workflow = workflowOf([
    { name: 'main', steps: [[{ name: 'a', template: 'work' }]] },
    template,
  ]);
  expect(play(workflow, {}, { crashes: true }).metrics).toHaveLength(1);
});
