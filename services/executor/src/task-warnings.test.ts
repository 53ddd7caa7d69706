// Covers at which level a runner's warnings are logged. Leaves out what the warnings are about.
import { createLogger } from '@argosy/telemetry';
import { expect, test } from 'vitest';
import { createTaskWarnings } from './task-warnings.ts';

const task = {
  taskId: 't',
  uid: 'u',
  namespace: 'default',
  workflow: 'wf',
  nodeId: 'n',
  nodeName: 'wf.a',
  podName: 'p',
  templateName: 'a',
  attempt: 0,
  template: {},
  captureResult: false,
};

test('a warning that says the same as an earlier one is logged at level debug', () => {
  const lines: { level: number; msg: string; nodeName: string }[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as never) };
  const warn = createTaskWarnings(createLogger({ name: 'x', level: 'debug', destination }));
  warn(task, { images: ['a'] }, 'image a is not used');
  warn(task, { images: ['a'] }, 'image a is not used');
  warn(task, { images: ['b'] }, 'image b is not used');
  expect(lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual([
    '40 image a is not used',
    '20 image a is not used',
    '40 image b is not used',
  ]);
  expect(lines[0]?.nodeName).toBe('wf.a');
});
