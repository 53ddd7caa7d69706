// Covers the estimate of a run's duration. Leaves out how it is shown (libs/core-workflow).
import { createMemoryBus } from '@argosy/bus';
import type { RunSummary } from '@argosy/core-workflow';
import { expect, it } from 'vitest';
import { createDurations } from './durations.ts';

const RUN: RunSummary = {
  uid: 'u',
  name: 'wf',
  namespace: 'default',
  phase: 'Succeeded',
  message: '',
  createdAt: '2030-01-01T00:00:00Z',
  startedAt: '2030-01-01T00:00:10Z',
  finishedAt: '2030-01-01T00:00:40Z',
  progress: '1/1',
  labels: { 'workflows.argoproj.io/workflow-template': 'tmpl' },
};

it('is that of the last run of the same template that succeeded', async () => {
  const durations = createDurations(createMemoryBus());
  expect(await durations.estimateMs(RUN)).toBeUndefined();
  await durations.note(RUN);
  await durations.note({ ...RUN, phase: 'Failed', finishedAt: '2030-01-01T00:00:11Z' });
  expect(await durations.estimateMs(RUN)).toBe(30_000);
  await durations.note({ ...RUN, finishedAt: '2030-01-01T00:00:15Z' });
  expect(await durations.estimateMs(RUN)).toBe(5_000);
});

it('is none for a run of no template, of another one, or of another namespace', async () => {
  const durations = createDurations(createMemoryBus());
  await durations.note(RUN);
  const other = { 'workflows.argoproj.io/cluster-workflow-template': 'tmpl' };
  expect(await durations.estimateMs({ ...RUN, labels: {} })).toBeUndefined();
  expect(await durations.estimateMs({ ...RUN, labels: other })).toBeUndefined();
  expect(await durations.estimateMs({ ...RUN, namespace: 'team' })).toBeUndefined();
});
