import type { Template } from '@argosy/model';
import { expect, test } from 'vitest';
import type { Runner, TaskOutcome } from '../types.ts';
import { createTestIo, testTask, type TestIo, type TestIoOptions } from './test-io.ts';

/** What the contract needs to know of a runner: templates of its kind that do a certain thing. */
export interface RunnerContractSubject {
  readonly runner: Runner;
  /** An empty directory for one task. */
  newDirectory(): Promise<string>;
  /** ConfigMaps that there are. */
  readonly configMaps?: TestIoOptions['configMaps'];
  /** Ends well with this text as its result. */
  succeeding(text: string): Template;
  /** Runs, and fails by what it does. */
  failing(): Template;
  /** Cannot even be started. */
  broken(): Template;
  /** Goes on until it is ended. */
  endless(): Template;
  /** False for a kind of task that hands out no result. */
  readonly hasResult?: boolean;
}

/** The rules that every runner keeps, whatever it runs. */
export function describeRunnerContract(
  name: string,
  make: () => Promise<RunnerContractSubject>,
): void {
  const begin = async (
    template: (subject: RunnerContractSubject) => Template,
    changes: Parameters<typeof testTask>[1] = {},
  ): Promise<{ readonly test: TestIo; readonly outcome: Promise<TaskOutcome> }> => {
    const subject = await make();
    const { configMaps = {} } = subject;
    const io = createTestIo({ directory: await subject.newDirectory(), configMaps });
    const task = testTask(template(subject), changes);
    expect(subject.runner.supports(task.template)).toBe(true);
    return { test: io, outcome: subject.runner.run(task, io.io) };
  };

  test(`${name}: a task that does its work is Succeeded with its result`, async () => {
    const { hasResult = true } = await make();
    const { outcome, test: io } = await begin((subject) => subject.succeeding('grüße\nworld'));
    const result = hasResult ? { result: 'grüße\nworld' } : {};
    expect(await outcome).toMatchObject({ phase: 'Succeeded', ...result });
    expect(io.runningCalls()).toBe(1);
  });

  test(`${name}: a task that fails is Failed with a message`, async () => {
    const { outcome } = await begin((subject) => subject.failing());
    const { phase, message } = await outcome;
    expect(phase).toBe('Failed');
    expect(message).not.toBe('');
  });

  test(`${name}: a task that cannot be started is an outcome, not an exception`, async () => {
    const { outcome } = await begin((subject) => subject.broken());
    const { phase, message } = await outcome;
    expect(['Error', 'Failed']).toContain(phase);
    expect(message).toBeTruthy();
  });

  test(`${name}: a cancelled task ends as Failed with the strategy in its message`, async () => {
    const { outcome, test: io } = await begin((subject) => subject.endless());
    await expect.poll(() => io.runningCalls(), { timeout: 5_000 }).toBe(1);
    io.cancel('Terminate', 500);
    expect(await outcome).toMatchObject({
      phase: 'Failed',
      message: 'workflow shutdown with strategy: Terminate',
    });
  });

  test(`${name}: a daemon that is ended counts as Succeeded`, async () => {
    const { outcome, test: io } = await begin((subject) => subject.endless());
    await expect.poll(() => io.runningCalls(), { timeout: 5_000 }).toBe(1);
    io.cancel('Daemon', 500);
    expect((await outcome).phase).toBe('Succeeded');
  });

  test(`${name}: a task over its deadline is Failed`, async () => {
    const { outcome } = await begin((subject) => subject.endless(), {
      deadlineAtMs: Date.now() + 200,
    });
    expect(await outcome).toMatchObject({
      phase: 'Failed',
      message: 'Pod was active on the node longer than the specified deadline',
    });
  });

  test(`${name}: a task that is cancelled before it starts does not start`, async () => {
    const subject = await make();
    const { configMaps = {} } = subject;
    const io = createTestIo({ directory: await subject.newDirectory(), configMaps });
    io.cancel('Stop', 0);
    const outcome = await subject.runner.run(testTask(subject.endless()), io.io);
    expect(outcome.phase).toBe('Failed');
    expect(io.runningCalls()).toBe(0);
  });
}
