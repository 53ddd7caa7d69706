// Covers the stream of events about runs: which there are, in which order, for one run and for a namespace. Leaves out
// how histories are read (run-history).
import { eventually } from '@argosy/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { helloWorkflow, startHarness, type Harness } from './testing/harness.ts';

interface Event {
  readonly reason: string;
  readonly type: string;
  readonly message: string;
  readonly involvedObject: { readonly name: string };
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

let harness: Harness;
const readers: AbortController[] = [];

beforeEach(async () => {
  harness = await startHarness();
});

afterEach(async () => {
  for (const reader of readers.splice(0)) reader.abort();
  await harness.stop();
});

/** Collects events until the test ends. */
async function collect(path: string): Promise<Event[]> {
  const events: Event[] = [];
  const reader = new AbortController();
  readers.push(reader);
  const response = await harness.fetch(path, { signal: reader.signal });
  const read = async (): Promise<void> => {
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += new TextDecoder().decode(chunk);
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) events.push((JSON.parse(line) as { result: Event }).result);
    }
  };
  read().catch(() => undefined);
  return events;
}

async function submit(name: string, namespace = 'team'): Promise<void> {
  const workflow = helloWorkflow({ name });
  const answer = await harness.call('POST', `/api/v1/workflows/${namespace}`, { workflow });
  expect(answer.status).toBe(200);
}

async function finish(phase: 'Succeeded' | 'Failed'): Promise<void> {
  await eventually(() => expect(harness.scheduler.tasks.length).toBeGreaterThan(0));
  await harness.scheduler.finishTask({ phase, ...(phase === 'Failed' ? { message: 'oh' } : {}) });
}

const reasonsOf = (events: readonly Event[], name: string): readonly string[] =>
  events.filter(({ involvedObject }) => involvedObject.name === name).map(({ reason }) => reason);

describe('the events of one run', () => {
  it('begin with its begin, also after its end, and tell of its nodes', async () => {
    await submit('bad');
    await finish('Failed');
    const selector = 'involvedObject.kind=Workflow,involvedObject.name=bad';
    const query = `listOptions.fieldSelector=${encodeURIComponent(selector)}`;
    const events = await collect(`/api/v1/stream/events/team?${query}`);
    await eventually(() =>
      expect(events.map(({ reason, type }) => `${type} ${reason}`)).toEqual([
        'Normal WorkflowRunning',
        'Normal WorkflowNodeRunning',
        'Warning WorkflowNodeFailed',
        'Warning WorkflowFailed',
      ]),
    );
    expect(events[2]).toMatchObject({
      message: 'Failed node bad: oh',
      metadata: {
        annotations: {
          'workflows.argoproj.io/node-id': 'bad',
          'workflows.argoproj.io/node-name': 'bad',
          'workflows.argoproj.io/node-type': 'Pod',
        },
      },
    });
  });

  it('of a run that is not there are NOT_FOUND', async () => {
    const query = `listOptions.fieldSelector=${encodeURIComponent('involvedObject.name=none')}`;
    const response = await harness.fetch(`/api/v1/stream/events/team?${query}`);
    expect(await response.text()).toContain('not found');
  });
});

describe('the events of a namespace', () => {
  it('tell of runs that are live and of those that come, and of no others', async () => {
    await submit('early');
    const events = await collect('/api/v1/stream/events/team');
    await submit('late');
    await submit('elsewhere', 'other');
    for (let count = 0; count < 3; count += 1) await finish('Succeeded');
    const node = ['WorkflowNodeRunning', 'WorkflowNodeSucceeded'];
    const whole = ['WorkflowRunning', ...node, 'WorkflowSucceeded'];
    await eventually(() => {
      expect(reasonsOf(events, 'early')).toEqual(whole);
      expect(reasonsOf(events, 'late')).toEqual(whole);
    });
    expect(reasonsOf(events, 'elsewhere')).toEqual([]);
  });
});
