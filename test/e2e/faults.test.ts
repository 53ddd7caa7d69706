// Covers the death of every process, alone and together, in the middle of work, on separate processes and a real
// nats-server. Leaves out the network between hosts, and disks that lose what was written.
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { eventually } from '@argosy/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInstallation, type Installation } from './support/installation.ts';
import { fanOut, finished, getRun, pods, submit } from './support/runs.ts';

let installation: Installation;
let directory: string;

/** Every task has a /tmp of its own; here all of them write the same file. */
const SHARED_DIRECTORY = '/var/tmp';

beforeAll(async () => {
  directory = await mkdtemp(join(SHARED_DIRECTORY, 'argosy-marks-'));
  installation = await startInstallation();
});

afterAll(async () => {
  await installation[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** How often each task ran to its last line. */
function marks(file: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  if (!existsSync(file)) return counts;
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return counts;
}

/** Starts a run of `count` tasks and waits until about a part of them is done. */
async function halfWay(
  count: number,
  file: string,
): Promise<{ readonly name: string; readonly doneBefore: ReadonlySet<string> }> {
  const name = await submit(installation, fanOut({ count, file }));
  await eventually(() => marks(file).size >= count / 4, { timeoutMs: 60_000 });
  const workflow = await getRun(installation, name);
  const doneBefore = new Set(
    pods(workflow)
      .filter((node) => node.phase === 'Succeeded')
      .map((node) => /\((\d+):/.exec(node.displayName ?? '')?.[1] ?? ''),
  );
  return { name, doneBefore };
}

/** All tasks ran, and those whose result was recorded before the fault ran once. */
async function expectWhole(
  run: { readonly name: string; readonly doneBefore: ReadonlySet<string> },
  count: number,
  file: string,
): Promise<void> {
  const workflow = await finished(installation, run.name, 110_000);
  expect(workflow.status?.phase).toBe('Succeeded');
  expect(pods(workflow).filter((node) => node.phase === 'Succeeded')).toHaveLength(count);
  const ran = marks(file);
  expect(ran.size).toBe(count);
  const doubled = [...run.doneBefore].filter((number) => ran.get(number) !== 1);
  expect(doubled).toEqual([]);
}

const COUNT = 200;

describe('a run of 200 tasks is finished, and no recorded task runs twice,', () => {
  it('when every process is killed at once and started again', async () => {
    const file = join(directory, 'all');
    const run = await halfWay(COUNT, file);
    expect(run.doneBefore.size).toBeGreaterThan(0);
    await installation.killAll();
    await installation.startAll();
    await expectWhole(run, COUNT, file);
  });

  it.each(['scheduler', 'executor', 'gateway'] as const)(
    'when the %s alone is killed and started again',
    async (service) => {
      const file = join(directory, service);
      const run = await halfWay(COUNT, file);
      await installation.kill(service);
      await delay(300);
      await installation.start(service);
      await expectWhole(run, COUNT, file);
    },
  );

  it('when nats-server alone is killed and started again', async () => {
    const file = join(directory, 'nats');
    const run = await halfWay(COUNT, file);
    await installation.nats.kill();
    await delay(300);
    await installation.nats.restart();
    await expectWhole(run, COUNT, file);
  });
});
