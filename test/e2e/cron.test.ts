// Covers CronWorkflows on an installation of separate processes, in real time: instants, a scheduler that is killed, and
// `argosy cron`. Leaves out the rules (libs/core-workflow/src/cron) and long schedules, which need a clock that is moved.
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CronWorkflow } from '@argosy/model';
import { eventually } from '@argosy/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { argosy, type CommandEnd } from './support/command.ts';
import { startInstallation, type Installation } from './support/installation.ts';

let installation: Installation;
let directory: string;

/** Every task has a /tmp of its own; here all of them write the same file. */
const SHARED_DIRECTORY = '/var/tmp';
const PERIOD_MS = 2_000;

beforeAll(async () => {
  directory = await mkdtemp(join(SHARED_DIRECTORY, 'argosy-cron-'));
  installation = await startInstallation();
});

afterAll(async () => {
  await installation[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** Writes each instant's time into a file. */
function cronManifest(name: string, file: string, spec: object = {}): CronWorkflow {
  const script = {
    image: 'busybox',
    command: ['sh'],
    source: `echo {{workflow.scheduledTime}} >> ${file}`,
  };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'CronWorkflow',
    metadata: { name },
    spec: {
      schedules: ['@every 2s'],
      successfulJobsHistoryLimit: 100,
      workflowSpec: { entrypoint: 'main', templates: [{ name: 'main', script }] },
      ...spec,
    },
  };
}

async function get(name: string): Promise<CronWorkflow> {
  const wanted = { kind: 'CronWorkflow', namespace: 'default', name };
  const { resource } = await installation.resources.getResource(wanted);
  return JSON.parse(new TextDecoder().decode(resource?.manifestJson)) as CronWorkflow;
}

function marks(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

/** Waits until so many instants have left their mark. */
function untilMarks(file: string, count: number): Promise<void> {
  return eventually(
    () => {
      if (marks(file).length < count) throw new Error(`only ${marks(file).join(', ')}`);
    },
    { timeoutMs: 60_000, intervalMs: 100 },
  );
}

async function runNames(label: string): Promise<readonly string[]> {
  const filter = { labelSelector: label };
  const { workflows } = await installation.workflows.listWorkflows({ filter });
  return workflows.map(({ name }) => name);
}

describe('a scheduler that is killed and started again', () => {
  it('runs no instant twice, and none is lost but while there was no scheduler', async () => {
    const file = join(directory, 'killed');
    const manifests = new TextEncoder().encode(JSON.stringify(cronManifest('killed', file)));
    await installation.resources.applyResources({ manifests });
    await untilMarks(file, 3);
    const killedAtMs = Date.now();
    await installation.kill('scheduler');
    await delay(1_000);
    await installation.start('scheduler');
    const before = marks(file).length;
    await untilMarks(file, before + 4);
    await installation.resources.suspendCronWorkflow({ name: 'killed', suspended: true });
    await eventually(async () => expect((await get('killed')).status?.active).toBeUndefined());

    const { status } = await get('killed');
    const ran = marks(file);
    expect(new Set(ran).size).toBe(ran.length);
    expect(status).toMatchObject({ succeeded: ran.length, failed: 0 });
    expect(await runNames('workflows.argoproj.io/cron-workflow=killed')).toHaveLength(ran.length);
    const times = ran.map((text) => Date.parse(text)).sort((one, other) => one - other);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(gaps.every((gap) => gap % PERIOD_MS === 0)).toBe(true);
    const isAround = (index: number): boolean => (times[index + 1] ?? 0) >= killedAtMs - PERIOD_MS;
    const lost = gaps.filter((gap, index) => gap > PERIOD_MS && !isAround(index));
    expect(lost).toEqual([]);
    expect(gaps.filter((gap) => gap > PERIOD_MS).length).toBeLessThanOrEqual(1);
  });
});

describe('argosy cron', () => {
  const cli = (...args: readonly string[]): Promise<CommandEnd> =>
    argosy(args, {
      home: directory,
      env: { ARGOSY_SERVER: installation.rpcAddress, ARGOSY_TOKEN: installation.token },
    });

  it('creates, shows, changes, suspends, resumes, makes up and deletes', async () => {
    const manifest = join(directory, 'nightly.yaml');
    const file = join(directory, 'nightly');
    const spec = { schedules: ['0 3 * * *'], timezone: 'UTC' };
    await writeFile(manifest, JSON.stringify(cronManifest('nightly', file, spec)));
    expect((await cli('cron', 'lint', manifest)).code).toBe(0);
    expect((await cli('cron', 'update', manifest)).stderr).toMatch(/"nightly" not found/);
    expect((await cli('cron', 'create', manifest)).stdout).toBe('cron workflow nightly created\n');
    expect((await cli('cron', 'create', manifest)).stderr).toMatch(/exists already/);
    expect((await cli('cron', 'suspend', 'nightly')).code).toBe(0);
    const listed = await cli('cron', 'list');
    expect(listed.stdout).toMatch(/^nightly +\S+ +N\/A +N\/A +0 3 \* \* \* +UTC +true$/m);
    expect((await cli('cron', 'resume', 'nightly')).code).toBe(0);
    const updated = await cli('cron', 'update', manifest, '--schedule', '30 4 * * *', '-o', 'json');
    expect(JSON.parse(updated.stdout)).toMatchObject({ spec: { schedules: ['30 4 * * *'] } });
    const shown = await cli('cron', 'get', 'nightly');
    expect(shown.stdout.match(/^NextScheduledTime: .*T04:30:00Z/gm)).toHaveLength(3);

    const span = ['--start', '2026-03-01', '--end', '2026-03-03', '--name', 'once'];
    const made = await cli('cron', 'backfill', 'nightly', ...span);
    expect(made.stdout).toMatch(
      /nightly-backfill-once-\d+ submitted\n.* submitted\nbackfill once .* 2 work/,
    );
    const again = await cli('cron', 'backfill', 'nightly', ...span);
    expect(again.stdout.match(/was submitted before$/gm)).toHaveLength(2);
    await untilMarks(file, 2);
    expect([...marks(file)].sort()).toEqual(['2026-03-01T04:30:00Z', '2026-03-02T04:30:00Z']);
    expect(await runNames('workflows.argoproj.io/cron-workflow-backfill=nightly')).toHaveLength(2);

    expect((await cli('cron', 'delete', 'nightly')).code).toBe(0);
    expect((await cli('cron', 'get', 'nightly')).code).toBe(1);
  });

  it('has its like for templates of a namespace and of all', async () => {
    const manifest = join(directory, 'template.yaml');
    for (const [group, kind] of [
      ['template', 'WorkflowTemplate'],
      ['cluster-template', 'ClusterWorkflowTemplate'],
    ] as const) {
      const spec = { entrypoint: 'main', templates: [{ name: 'main', suspend: {} }] };
      const whole = {
        apiVersion: 'argoproj.io/v1alpha1',
        kind,
        metadata: { name: 'shared' },
        spec,
      };
      await writeFile(manifest, JSON.stringify(whole));
      expect((await cli(group, 'create', manifest)).stdout).toMatch(/template shared created/);
      expect((await cli('cron', 'create', manifest)).stderr).toMatch(/CronWorkflow is expected/);
      expect((await cli(group, 'list', '-o', 'name')).stdout).toBe('shared\n');
      expect((await cli(group, 'get', 'shared')).stdout).toMatch(/^Entrypoint: +main$/m);
      expect((await cli(group, 'delete', '--all')).stdout).toMatch(/template shared deleted/);
      expect((await cli(group, 'list')).stderr).toMatch(/^no /);
    }
  });
});
