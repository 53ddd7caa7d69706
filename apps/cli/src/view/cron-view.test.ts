// Covers how a CronWorkflow is shown to people. Leaves out when it runs (libs/core-workflow/src/cron).
import type { CronWorkflow } from '@argosy/model';
import { describe, expect, it } from 'vitest';
import { cronRow, cronView } from './cron-view.ts';
import { styleFor } from './style.ts';

const NOW = Date.parse('2026-03-10T12:00:30Z');
const style = styleFor({ isTTY: false }, {});

const cronOf = (
  changes: Partial<CronWorkflow> & { readonly extra?: object } = {},
): CronWorkflow => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'CronWorkflow',
  metadata: { name: 'hello', namespace: 'default', creationTimestamp: '2026-03-10T10:00:00Z' },
  spec: {
    schedules: ['* * * * *', '0 6 * * *'],
    timezone: 'UTC',
    workflowSpec: {},
    ...changes.extra,
  },
  status: { lastScheduledTime: '2026-03-10T12:00:00Z', succeeded: 2, failed: 1, ...changes.status },
});

describe('a line of the list', () => {
  it('tells how long ago the last run was and how soon the next one comes', () => {
    expect(cronRow(cronOf(), NOW)).toEqual([
      '2h0m',
      '30s',
      '30s',
      '* * * * *,0 6 * * *',
      'UTC',
      'false',
    ]);
  });

  it.each([
    [cronOf({ extra: { suspend: true } }), 'true'],
    [cronOf({ status: { phase: 'Stopped' } }), 'stopped'],
  ])('shows no next run of one that starts nothing', (cron, word) => {
    expect(cronRow(cron, NOW)).toEqual(expect.arrayContaining(['N/A', word]));
  });
});

describe('the view of one', () => {
  it('shows its schedules, its counts and the next runs', () => {
    const text = cronView(cronOf(), { nowMs: NOW, style });
    expect(text).toMatch(/^Schedule: +0 6 \* \* \*$/m);
    expect(text).toMatch(/^Succeeded: +2$/m);
    expect(text.match(/^NextScheduledTime: .*$/gm)).toEqual([
      expect.stringMatching(/2026-03-10T12:01:00Z \(in 30s\)$/),
      expect.stringMatching(/2026-03-10T12:02:00Z/),
      expect.stringMatching(/2026-03-10T12:03:00Z/),
    ]);
  });

  it('shows what is wrong with it', () => {
    const conditions = [{ type: 'SpecError', status: 'True', message: 'no entrypoint' }] as const;
    const text = cronView(cronOf({ status: { conditions } }), { nowMs: NOW, style });
    expect(text).toMatch(/^SpecError: +no entrypoint$/m);
  });

  it('of a malformed schedule shows everything else', () => {
    const text = cronView(cronOf({ extra: { schedules: ['x'] } }), { nowMs: NOW, style });
    expect(text).toMatch(/^Name: +hello$/m);
    expect(text).not.toContain('NextScheduledTime');
  });
});
