// Covers at which level a runner's warnings are logged, and that they are found from their trace. Leaves out what the warnings are about.
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

test('a warning names the trace of its task', () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const warn = createTaskWarnings(createLogger({ name: 'x', destination }));
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  warn({ ...task, traceparent: `00-${traceId}-b7ad6b7169203331-01` }, {}, 'image a is not used');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ trace_id: traceId });
});
