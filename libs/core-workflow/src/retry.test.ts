// Covers retryStrategy: limits, policies, backoff, expressions, variables, wrapped steps.
// Leaves out the manual retry of a finished run (manual-retry.test.ts).
import { nodeIdOf } from '@argosy/base';
import type { RetryStrategy, Template } from '@argosy/model';
import { describe, expect, test } from 'vitest';
import { headerOf, leafOf, play, workflowOf, type Outcomes, type Played } from './testing/index.ts';

const START = headerOf(workflowOf([])).createdAtMs;
const failing: Outcomes = () => ({ phase: 'Failed', exitCode: 3, message: 'no' });

function retried(retryStrategy: RetryStrategy, outcomes: Outcomes = failing): Played {
  return play(workflowOf([leafOf('main', [], { retryStrategy })]), outcomes);
}

describe('limit', () => {
  test('limit N means N+1 attempts', () => {
    const played = retried({ limit: 2 });
    expect(played.nodes).toEqual({
      wf: 'Retry Failed: No more retries left',
      'wf(0)': 'Pod Failed: no',
      'wf(1)': 'Pod Failed: no',
      'wf(2)': 'Pod Failed: no',
    });
    expect(played.node('wf').children).toHaveLength(3);
    expect(played.node('wf(1)').nodeFlag).toEqual({ retried: true });
  });

  test('limit 0 gives a Retry node with one attempt', () => {
    expect(retried({ limit: 0 }).tasks).toHaveLength(1);
  });

  test('limit may be text with a variable', () => {
    const main = leafOf('main', [], {
      inputs: { parameters: [{ name: 'n', value: '1' }] },
      retryStrategy: { limit: '{{inputs.parameters.n}}' },
    });
    expect(play(workflowOf([main]), failing).tasks).toHaveLength(2);
  });

  test('without a limit it goes on until it succeeds, and takes the outputs of that attempt', () => {
    const played = retried({}, (task) =>
      task.attempt < 5 ? { phase: 'Failed' } : { parameters: { p: 'v' } },
    );
    expect(played.nodes['wf']).toBe('Retry Succeeded');
    expect(played.node('wf').outputs?.parameters?.[0]?.value).toBe('v');
    expect(played.tasks.map((task) => task.attempt)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(new Set(played.tasks.map((task) => task.taskId)).size).toBe(6);
  });
});

describe('policy', () => {
  const attempts = (strategy: RetryStrategy, phase: 'Failed' | 'Error', message = ''): number =>
    retried({ limit: 1, ...strategy }, () => ({ phase, message })).tasks.length;

  test('the default retries failures and not errors', () => {
    expect(attempts({}, 'Failed')).toBe(2);
    expect(attempts({}, 'Error')).toBe(1);
  });

  test('Always retries both, OnError only errors', () => {
    expect(attempts({ retryPolicy: 'Always' }, 'Error')).toBe(2);
    expect(attempts({ retryPolicy: 'OnError' }, 'Error')).toBe(2);
    expect(attempts({ retryPolicy: 'OnError' }, 'Failed')).toBe(1);
  });

  test('OnTransientError looks at the message', () => {
    const retryPolicy = 'OnTransientError';
    expect(attempts({ retryPolicy }, 'Error', 'dial tcp: i/o timeout')).toBe(2);
    expect(attempts({ retryPolicy }, 'Error', 'no such image')).toBe(1);
  });

  test('an expression without a policy is asked after errors too', () => {
    const expression = 'asInt(lastRetry.exitCode) > 1';
    const outcomes: Outcomes = () => ({ phase: 'Error', exitCode: 2 });
    expect(retried({ limit: 2, expression }, outcomes).tasks).toHaveLength(3);
  });

  test('an expression that is false ends it with its own message', () => {
    const played = retried({ limit: 5, expression: 'lastRetry.exitCode != "3"' });
    expect(played.nodes['wf']).toBe('Retry Failed: retryStrategy.expression evaluated to false');
  });

  test('a broken expression is told and does not hang', () => {
    const played = retried({ limit: 5, expression: '((' });
    expect(played.node('wf').message).toContain('invalid retryStrategy.expression');
  });
});

describe('backoff', () => {
  const startsOf = (played: Played): readonly number[] =>
    played.facts.flatMap((fact) =>
      fact.kind === 'NodeCreated' && fact.relation === 'attempt' ? [fact.at - START] : [],
    );

  test('the wait is duration · factor^(attempts − 1), at most the cap', () => {
    const played = retried({ limit: 4, backoff: { duration: '2', factor: 3, cap: '10s' } });
    expect(startsOf(played)).toEqual([0, 2_000, 8_000, 18_000, 28_000]);
  });

  test('the Retry node says how long it waits', () => {
    const played = retried({ limit: 2, backoff: { duration: '4s' } });
    const waits = played.facts.flatMap((fact) =>
      fact.kind === 'NodeWaiting' ? [fact.message] : [],
    );
    expect(waits).toEqual(['Backoff for 4 seconds', 'Backoff for 4 seconds']);
  });

  test('a wait beyond maxDuration is not begun', () => {
    const played = retried({ backoff: { duration: '20', maxDuration: '30' } });
    expect(played.nodes['wf']).toBe('Retry Failed: Backoff would exceed max duration limit');
    expect(startsOf(played)).toEqual([0, 20_000]);
  });

  test('an attempt that ends after maxDuration is the last', () => {
    const played = retried({ backoff: { duration: '1', maxDuration: '5' } }, () => ({
      phase: 'Failed',
      durationMs: 6_000,
    }));
    expect(played.nodes['wf']).toBe('Retry Failed: Max duration limit exceeded');
  });
});

test('an attempt knows how many came before it and how the last one ended', () => {
  const main: Template = {
    name: 'main',
    retryStrategy: { limit: 1 },
    container: { image: 'a', args: ['{{retries}} {{lastRetry.exitCode}} {{lastRetry.status}}'] },
  };
  const played = play(workflowOf([main]), failing);
  expect(Object.values(played.args)).toEqual([['0 0 '], ['1 3 Failed']]);
  expect(played.tasks[1]?.nodeId).toBe(nodeIdOf('wf', 'wf(1)'));
});

test('a steps template is retried whole, starting over', () => {
  const main: Template = {
    name: 'main',
    retryStrategy: { limit: 1 },
    steps: [[{ name: 'a', template: 'leaf' }], [{ name: 'b', template: 'leaf' }]],
  };
  let failures = 0;
  const played = play(workflowOf([main, leafOf('leaf')]), (task) => {
    if (task.displayName !== 'b' || failures > 0) return {};
    failures += 1;
    return { phase: 'Failed' };
  });
  expect(played.tasks.map((task) => task.nodeName)).toEqual([
    'wf(0)[0].a',
    'wf(0)[1].b',
    'wf(1)[0].a',
    'wf(1)[1].b',
  ]);
  expect(played.nodes['wf']).toBe('Retry Succeeded');
});

test('spec.retryStrategy wraps the entrypoint only', () => {
  const main: Template = { name: 'main', steps: [[{ name: 'a', template: 'leaf' }]] };
  const spec = { retryStrategy: { limit: 1 } };
  const played = play(workflowOf([main, leafOf('leaf')], spec), { a: { phase: 'Failed' } });
  expect(played.node('wf').type).toBe('Retry');
  expect(played.node('a').type).toBe('Pod');
  expect(played.tasks).toHaveLength(2);
});

test('retries and loops together are named a(0:x)(1)', () => {
  const main: Template = {
    name: 'main',
    steps: [[{ name: 'a', template: 'leaf', withItems: ['x'] }]],
  };
  const leaf = leafOf('leaf', [], { retryStrategy: { limit: 1 } });
  const played = play(workflowOf([main, leaf]), (task) =>
    task.attempt === 0 ? { phase: 'Failed' } : { result: '1' },
  );
  expect(Object.keys(played.nodes)).toEqual(['wf', '[0]', 'a(0:x)', 'a(0:x)(0)', 'a(0:x)(1)']);
});

describe('an attempt that waits for its place', () => {
  const main: Template = {
    name: 'main',
    parallelism: 1,
    steps: [
      [
        { name: 'first', template: 'again' },
        { name: 'second', template: 'again' },
      ],
    ],
  };
  const again = leafOf('again', [], { retryStrategy: { limit: 1 } });

  test.each(['Stop', 'Terminate'] as const)('is not begun any more after %s', (kind) => {
    const stop = { kind: 'Control', at: START + 500, command: { kind } } as const;
    const outcomes: Outcomes = { 'first(0)': { durationMs: 1_000 } };
    const played = play(workflowOf([main, again]), outcomes, { inputs: [stop] });
    expect(played.tasks.map(({ displayName }) => displayName)).toEqual(['first(0)']);
    expect(played.nodes['second']).toBe(`Retry Failed: workflow shutdown with strategy: ${kind}`);
  });
});
