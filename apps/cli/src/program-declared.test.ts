// Covers what `argosy cron`, `template`, `cluster-template`, `node` and the choice of workflows refuse before a server is
// asked. Leaves out what they do
// with one; the end-to-end suite covers it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runLine } from './testing/run-line.ts';

let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'argosy-declared-'));
});

afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

const MANIFEST =
  'apiVersion: argoproj.io/v1alpha1\nkind: CronWorkflow\nmetadata: {name: x}\nspec: {}\n';

const run = (argv: readonly string[]): ReturnType<typeof runLine> =>
  runLine(argv, { home, input: MANIFEST });

it.each([
  [['cron', 'backfill', 'x'], /--start <time>' not specified/],
  [['cron', 'backfill', 'x', '--start', 'soon'], /--start takes a time such as 2026-03-01.*"soon"/],
  [
    ['cron', 'backfill', 'x', '--start', '2026-03-01', '--format', '02.01.2006'],
    /--start takes a time in the layout "02\.01\.2006"/,
  ],
  [['cron', 'backfill', 'x', '--start', '2026-03-01', '--maxworkflowcount', '0'], /from 1/],
  [['delete'], /name a workflow, or choose some with --selector/],
  [['stop', 'a', '-l', 'x=y'], /name workflows or choose them by options, not both/],
  [['delete', '--older', 'soon'], /--older takes a time such as 10m/],
  [['node', 'set', 'x', '-p', 'a=b'], /say which nodes are meant/],
  [['node', 'set', 'x', '--node-field-selector', 'name=a'], /nothing to set/],
  [['cron', 'delete'], /name a cron workflow to delete, or all of them with --all/],
  [['template', 'delete'], /name a workflow template to delete/],
  [['cron', 'create', 'none.yaml'], /none\.yaml does not exist/],
  [['cron', 'create', '-', '-p', 'novalue'], /--parameter takes name=value/],
])('%j is wrong use and ends with 2', async (argv, message) => {
  const { code, said } = await run(argv);
  expect(said).toMatch(message);
  expect(code).toBe(2);
});

it.each(['cron', 'template', 'cluster-template'])('%s lints without a server', async (group) => {
  const { code, said } = await run([group, 'lint', '--offline', '-']);
  expect(said).toMatch(/at least one schedule/);
  expect(code).toBe(1);
});
