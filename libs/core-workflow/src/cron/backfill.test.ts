// Covers which workflows a backfill makes. Leaves out how they are submitted (apps/cli) and the keeping of their mutex.
import { unwrap } from '@argosy/base';
import type { CronWorkflow, CronWorkflowSpec } from '@argosy/model';
import { describe, expect, it } from 'vitest';
import { backfillWorkflows, type Backfill } from './backfill.ts';

const templates = [{ name: 'main', suspend: {} }];
const cronOf = (spec: Partial<CronWorkflowSpec> = {}): CronWorkflow => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'CronWorkflow',
  metadata: { name: 'daily', namespace: 'default', uid: 'c1' },
  spec: { schedules: ['0 6 * * *'], workflowSpec: { entrypoint: 'main', templates }, ...spec },
});

const backfill: Backfill = {
  name: 'Again',
  startMs: Date.parse('2026-03-01T00:00:00Z'),
  endMs: Date.parse('2026-03-03T06:00:00Z'),
  argumentName: 'cronScheduleTime',
  isParallel: false,
  countMax: 100,
};

describe('a backfill', () => {
  it('makes one workflow per instant after the start and up to the end', () => {
    const made = unwrap(backfillWorkflows(cronOf(), backfill, 'UTC'));
    expect(made.map(({ metadata }) => metadata.annotations)).toEqual([
      { 'workflows.argoproj.io/scheduled-time': '2026-03-01T06:00:00Z' },
      { 'workflows.argoproj.io/scheduled-time': '2026-03-02T06:00:00Z' },
      { 'workflows.argoproj.io/scheduled-time': '2026-03-03T06:00:00Z' },
    ]);
    const fromInstant = { ...backfill, startMs: Date.parse('2026-03-01T06:00:00Z') };
    expect(unwrap(backfillWorkflows(cronOf(), fromInstant, 'UTC'))).toHaveLength(2);
  });

  it('gives the instant as an argument, in the zone of the cron, instead of one of that name', () => {
    const parameters = [
      { name: 'cronScheduleTime', value: 'x' },
      { name: 'other', value: 'y' },
    ];
    const workflowSpec = { entrypoint: 'main', templates, arguments: { parameters } };
    const cron = cronOf({ workflowSpec, timezone: 'Europe/Paris' });
    const [first] = unwrap(backfillWorkflows(cron, backfill, 'UTC'));
    expect(first?.spec.arguments?.parameters).toEqual([
      { name: 'other', value: 'y' },
      { name: 'cronScheduleTime', value: '2026-03-01 06:00:00 +0100 CET' },
    ]);
  });

  it('runs one after the other by a mutex, or all at once', () => {
    const [one] = unwrap(backfillWorkflows(cronOf(), backfill, 'UTC'));
    expect(one?.spec.synchronization).toEqual({ mutexes: [{ name: 'Again' }] });
    const parallel = { ...backfill, isParallel: true };
    const [free] = unwrap(backfillWorkflows(cronOf(), parallel, 'UTC'));
    expect(free?.spec).toMatchObject({ entrypoint: 'main' });
    expect(free?.spec.synchronization).toBeUndefined();
  });

  it('names its runs after itself and the instant, within the length of names', () => {
    const [first] = unwrap(backfillWorkflows(cronOf(), backfill, 'UTC'));
    expect(first?.metadata.name).toBe(
      `daily-backfill-again-${Date.parse('2026-03-01T06:00:00Z') / 1_000}`,
    );
    const long = { ...backfill, name: 'n'.repeat(80) };
    const names = unwrap(backfillWorkflows(cronOf(), long, 'UTC')).map(
      ({ metadata }) => metadata.name,
    );
    expect(names.map((name) => name?.length)).toEqual([63, 63, 63]);
    expect(new Set(names).size).toBe(3);
  });

  it('is not one of the runs that the cron counts and deletes', () => {
    const [first] = unwrap(backfillWorkflows(cronOf(), backfill, 'UTC'));
    expect(first?.metadata.labels).toEqual({
      'workflows.argoproj.io/cron-workflow-backfill': 'daily',
    });
  });

  it('with more instants than allowed is refused, and so is a schedule that is malformed', () => {
    const few = backfillWorkflows(cronOf(), { ...backfill, countMax: 2 }, 'UTC');
    expect(few).toMatchObject({ ok: false, error: expect.stringMatching(/more than 2 instants/) });
    expect(backfillWorkflows(cronOf({ schedules: ['x'] }), backfill, 'UTC').ok).toBe(false);
  });
});
