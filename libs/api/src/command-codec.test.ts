// Covers commands, tasks and reports there and back, and subjects. Leaves out facts (workflow-facts.test.ts).
import { describe, expect, it } from 'vitest';
import {
  commandSubject,
  decodeCommand,
  decodeTask,
  encodeCommand,
  encodeTask,
  subjectToken,
  textOfToken,
  type RunCommand,
} from './index.ts';

describe('commands on the wire', () => {
  const commands: readonly RunCommand[] = [
    {
      kind: 'Submit',
      submit: { uid: 'u', namespace: 'n', name: 'w', workflowJson: '{"kind":"Workflow"}' },
    },
    { kind: 'Control', uid: 'u', command: { kind: 'Stop', message: 'enough' }, user: 'ann' },
    {
      kind: 'Report',
      report: {
        taskId: 'u_1_0',
        kind: 'Finished',
        phase: 'Failed',
        message: 'Error (exit code 1)',
        exitCode: 1,
        result: '',
        parameters: { a: 'b' },
        artifacts: [{ name: 'x', path: '/x' }],
        executor: 'e',
        podIP: '127.0.0.1',
        startedAtMs: 1_700_000_000_000,
        finishedAtMs: 1_700_000_000_123,
      },
    },
  ];

  it.each(commands)('come back as they went: %j', (command) => {
    expect(decodeCommand(encodeCommand(command))).toEqual(command);
  });

  it('are undefined when their kind is not known', () => {
    expect(decodeCommand(new Uint8Array())).toBeUndefined();
  });
});

describe('tasks on the wire', () => {
  it('come back as they went', () => {
    const task = {
      taskId: 'u_1_0',
      uid: 'u',
      namespace: 'n',
      workflow: 'w',
      nodeId: 'w-1',
      nodeName: 'w.A',
      displayName: 'A',
      podName: 'w-a-1',
      templateName: 'a',
      attempt: 2,
      template: { name: 'a', container: { image: 'x', args: ['é"'] } },
      captureResult: true,
      deadlineAtMs: 1_700_000_000_500,
      priority: -1,
    };
    expect(decodeTask(encodeTask(task))).toEqual(task);
  });
});

describe('subject tokens', () => {
  it.each(['plain', 'a.b', 'with blank', '*', '>', '', 'é', '100%', '=41'])(
    'carry %j there and back in one token',
    (text) => {
      const token = subjectToken(text);
      expect(token).not.toMatch(/[.*>\s]/);
      expect(textOfToken(token)).toBe(text);
    },
  );

  it('keep two different names apart', () => {
    expect(commandSubject(1, 'a.b', 'x')).not.toBe(commandSubject(1, 'a_b', 'x'));
  });
});
