// Covers what streams over HTTP: watches of all runs and of one, kept and followed logs, the end of
// streams when clients leave or the gateway stops. Over a real socket, with a fake scheduler.
import { factSubject } from '@argosy/api';
import { partitionOf } from '@argosy/base';
import { eventually } from '@argosy/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { helloWorkflow, startHarness, type Harness } from './testing/harness.ts';

const RUNS = '/api/v1/workflows/default';

let harness: Harness | undefined;
afterEach(async () => {
  await harness?.stop();
  harness = undefined;
});

interface Change {
  readonly type: string;
  readonly object: {
    readonly metadata: { readonly name: string };
    readonly status: { readonly phase?: string; readonly nodes?: object };
  };
}

/** Collects the messages of a stream until it ends or `leave` is called. */
async function open(
  started: Harness,
  path: string,
  accept: string,
): Promise<{ response: Response; messages: object[]; ended: Promise<void>; leave(): void }> {
  const leaving = new AbortController();
  const response = await started.fetch(path, { headers: { accept }, signal: leaving.signal });
  const messages: object[] = [];
  const ended = (async () => {
    let text = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk as Uint8Array, { stream: true });
        const lines = text.split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) {
          const json = line.replace(/^data: /, '');
          if (json.startsWith('{')) messages.push(JSON.parse(json) as object);
        }
      }
    } catch (error) {
      if (!leaving.signal.aborted) throw error;
    }
  })();
  return { response, messages, ended, leave: () => leaving.abort() };
}

const changesOf = (messages: object[]): string[] =>
  (messages as { result: Change }[]).map(
    ({ result }) =>
      `${result.type} ${result.object.metadata.name} ${result.object.status.phase ?? ''}`,
  );

async function submit(started: Harness, name: string, labels = {}): Promise<void> {
  const answer = await started.call('POST', RUNS, { workflow: helloWorkflow({ name, labels }) });
  expect(answer.status).toBe(200);
}

describe('watching runs', () => {
  it('sends what is there, then each change, as server-sent events', async () => {
    harness = await startHarness();
    await submit(harness, 'before');
    const path = '/api/v1/workflow-events/default';
    const stream = await open(harness, path, 'text/event-stream');
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
    await eventually(() => {
      expect(changesOf(stream.messages)).toEqual(['ADDED before Running']);
    });
    await submit(harness, 'after');
    await harness.scheduler.finishTask();
    await harness.call('DELETE', `${RUNS}/before`);
    await eventually(() => {
      const changes = changesOf(stream.messages);
      expect(changes).toContain('MODIFIED before Succeeded');
      expect(changes).toContain('DELETED before Succeeded');
      expect(changes.some((change) => change.startsWith('ADDED after'))).toBe(true);
    });
    stream.leave();
    await stream.ended;
  });

  it('sends lines of JSON to a client that does not ask for events, filtered by label', async () => {
    harness = await startHarness();
    await submit(harness, 'red-one', { team: 'red' });
    await submit(harness, 'blue-one', { team: 'blue' });
    const path = '/api/v1/workflow-events/default?listOptions.labelSelector=team%3Dred';
    const stream = await open(harness, path, 'application/json');
    expect(stream.response.headers.get('content-type')).toBe('application/json');
    await submit(harness, 'red-two', { team: 'red' });
    await eventually(() => {
      expect(changesOf(stream.messages).join()).toContain('red-two');
    });
    expect(changesOf(stream.messages).join()).not.toContain('blue');
    stream.leave();
    await stream.ended;
  });

  it('follows one run with its nodes by the field selector of its name', async () => {
    harness = await startHarness();
    await submit(harness, 'one');
    const path = '/api/v1/workflow-events/default?listOptions.fieldSelector=metadata.name%3Done';
    const stream = await open(harness, path, 'text/event-stream');
    await eventually(() => {
      expect(changesOf(stream.messages)).toEqual(['ADDED one Running']);
    });
    await harness.scheduler.finishTask();
    await eventually(() => {
      expect(changesOf(stream.messages).at(-1)).toBe('MODIFIED one Succeeded');
    });
    const last = stream.messages.at(-1) as { result: Change };
    expect(Object.keys(last.result.object.status.nodes ?? {})).toEqual(['one']);
    await harness.call('DELETE', `${RUNS}/one`);
    await stream.ended;
    expect(changesOf(stream.messages).at(-1)).toBe('DELETED one Succeeded');
  });

  it('answers a selector that cannot be read with 400 instead of a stream', async () => {
    harness = await startHarness();
    const path = '/api/v1/workflow-events/default?listOptions.labelSelector=%3D%3D';
    expect((await harness.fetch(path)).status).toBe(400);
  });

  it('ends streams when the gateway stops', async () => {
    harness = await startHarness();
    const stream = await open(harness, '/api/v1/workflow-events/default', 'text/event-stream');
    const begunAtMs = Date.now();
    await harness.gateway.stop(5_000);
    await stream.ended;
    expect(Date.now() - begunAtMs).toBeLessThan(3_000);
  });
});

describe('logs', () => {
  async function withTask(): Promise<Harness> {
    harness = await startHarness();
    await submit(harness, 'one');
    return harness;
  }
  const contents = (messages: object[]): string[] =>
    (messages as { result: { content: string } }[]).map(({ result }) => result.content);

  it('gives the kept lines with the name of their pod', async () => {
    const { scheduler } = await withTask();
    const [task] = scheduler.tasks;
    if (task === undefined) throw new Error('no task');
    await scheduler.log(task, 'first\nsecond');
    await scheduler.log(task, ' half\nthird');
    const stream = await open(harness as Harness, `${RUNS}/one/log`, 'application/json');
    await stream.ended;
    expect(stream.messages).toEqual(
      ['first', 'second half', 'third'].map((content) => ({
        result: { content, podName: task.podName },
      })),
    );
  });

  it('puts characters together that two chunks share', async () => {
    const { scheduler, bus } = await withTask();
    const [task] = scheduler.tasks;
    if (task === undefined) throw new Error('no task');
    const bytes = new TextEncoder().encode('grün\n');
    for (const part of [bytes.slice(0, 3), bytes.slice(3)]) {
      await bus.publish({
        subject: `log.default.${task.uid}.${task.nodeId}`,
        event: { id: crypto.randomUUID(), source: '/x', type: 'x', data: part },
      });
    }
    const stream = await open(harness as Harness, `${RUNS}/one/log`, 'application/json');
    await stream.ended;
    expect(contents(stream.messages)).toEqual(['grün']);
  });

  it('follows until the run is finished and then ends by itself', async () => {
    const { scheduler } = await withTask();
    const [task] = scheduler.tasks;
    if (task === undefined) throw new Error('no task');
    const path = `${RUNS}/one/log?logOptions.follow=true`;
    const stream = await open(harness as Harness, path, 'text/event-stream');
    await scheduler.log(task, 'while it runs\n');
    await eventually(() => {
      expect(contents(stream.messages)).toEqual(['while it runs']);
    });
    await scheduler.log(task, 'at its end\n');
    await scheduler.finishTask();
    await stream.ended;
    expect(contents(stream.messages)).toEqual(['while it runs', 'at its end']);
  });

  it('end with the reason when the run can no longer be followed, and the gateway lives', async () => {
    const { scheduler, bus } = await withTask();
    const [task] = scheduler.tasks;
    if (task === undefined) throw new Error('no task');
    const path = `${RUNS}/one/log?logOptions.follow=true`;
    const stream = await open(harness as Harness, path, 'application/json');
    const event = { id: 'junk', source: '/x', type: 'x', data: new Uint8Array([255, 255, 255]) };
    await bus.publish({ subject: factSubject(partitionOf(task.uid, 4), task.uid), event });
    await stream.ended;
    expect(stream.messages).toEqual([{ error: expect.objectContaining({ code: 13 }) as object }]);
    expect((await (harness as Harness).fetch('/healthz')).status).toBe(200);
  });

  it('filters by pod, text and the last lines', async () => {
    const { scheduler } = await withTask();
    const [task] = scheduler.tasks;
    if (task === undefined) throw new Error('no task');
    await scheduler.log(task, 'a1\nb1\na2\nb2\na3\n');
    const read = async (path: string): Promise<string[]> => {
      const stream = await open(harness as Harness, `${RUNS}/one${path}`, 'application/json');
      await stream.ended;
      return contents(stream.messages);
    };
    expect(await read('/log?grep=a')).toEqual(['a1', 'a2', 'a3']);
    expect(await read('/log?logOptions.tailLines=2')).toEqual(['b2', 'a3']);
    expect(await read(`/${task.podName}/log?grep=b`)).toEqual(['b1', 'b2']);
    expect(await read('/another-pod/log')).toEqual([]);
  });

  it('answers 404 for the logs of a run that is not there', async () => {
    harness = await startHarness();
    expect((await harness.fetch(`${RUNS}/absent/log`)).status).toBe(404);
  });
});
