// Covers the life of an installation in one process tree: kill -9 of all of it, an ordered end that leaves nothing
// behind, the demonstration, and homes and ports that are taken. Leaves out single processes that are killed alone.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Workflow } from '@argosy/model';
import { eventually, temporaryDirectory, type TemporaryDirectory } from '@argosy/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { argosy, EXAMPLES, startArgosy, startUp, type CommandEnd } from './support/command.ts';
import { fanOut, pods } from './support/runs.ts';

let home: TemporaryDirectory;

beforeEach(async () => {
  home = await temporaryDirectory('argosy-embedded-');
});

afterEach(async () => {
  for (const pid of descendants()) kill(pid);
  await home.remove();
});

/** Processes that have to do with the home: by their command line or the folder that they were given. */
function descendants(): readonly number[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const table = lines
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((row) => row !== null);
  const own = table
    .filter(([, , , args = '']) => args.includes(home.path) || args.includes(MARK))
    .map(([, pid]) => Number(pid));
  return own.filter((pid) => pid !== process.pid);
}

/** A number that only tasks of these tests sleep for. */
const MARK = 'sleep 31415';

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** A process and everything below it. */
function treeOf(root: number): readonly number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (pid: number): readonly number[] =>
    rows.filter(([, parent]) => parent === pid).flatMap(([child = 0]) => [child, ...below(child)]);
  return [root, ...below(root)];
}

const run = (...args: readonly string[]): Promise<CommandEnd> => argosy(args, { home: home.path });

async function getRun(name: string): Promise<Workflow> {
  const { stdout, stderr } = await run('get', name, '-o', 'json');
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Workflow;
}

/** How often each task ran to its last line. */
function marks(file: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  if (!existsSync(file)) return counts;
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return counts;
}

const COUNT = 200;

/** Every task has a `/tmp` of its own; this directory is the host's for all of them. */
const SHARED_DIRECTORY = '/var/tmp';

it('kill -9 of the whole tree amid 200 tasks: started again, all finish and none recorded runs twice', async () => {
  const outside = await mkdtemp(join(SHARED_DIRECTORY, 'argosy-marks-'));
  const file = join(outside, 'marks');
  const manifest = join(home.path, 'fan-out.json');
  writeFileSync(manifest, JSON.stringify(fanOut({ count: COUNT, file })));
  const first = await startUp({ home: home.path });
  const name = (await run('submit', manifest, '-o', 'name')).stdout.trim();
  await eventually(() => marks(file).size >= COUNT / 8, { timeoutMs: 60_000 });
  const recorded = pods(await getRun(name))
    .filter(({ phase }) => phase === 'Succeeded')
    .map(({ displayName }) => /\((\d+):/.exec(displayName ?? '')?.[1] ?? '');
  expect(recorded.length).toBeGreaterThan(0);
  for (const pid of treeOf(first.child.pid ?? 0)) kill(pid);
  expect((await first.end).signal).toBe('SIGKILL');
  expect(marks(file).size).toBeLessThan(COUNT);

  const second = await startUp({ home: home.path });
  const watched = await run('watch', name);
  expect(watched.code, watched.stdout).toBe(0);
  const workflow = await getRun(name);
  expect(pods(workflow).filter(({ phase }) => phase === 'Succeeded')).toHaveLength(COUNT);
  const ran = marks(file);
  expect(ran.size).toBe(COUNT);
  expect(recorded.filter((number) => ran.get(number) !== 1)).toEqual([]);
  second.child.kill('SIGTERM');
  expect((await second.end).code).toBe(0);
  await rm(outside, { recursive: true, force: true });
});

describe('the end of an installation', () => {
  it('on SIGTERM stops everything in order and leaves no process behind, tasks too', async () => {
    const manifest = join(home.path, 'sleeper.json');
    writeFileSync(manifest, JSON.stringify(sleeper()));
    const up = await startUp({ home: home.path });
    await run('submit', manifest);
    await eventually(() => descendants().length >= 3, { timeoutMs: 20_000, intervalMs: 200 });
    up.child.kill('SIGTERM');
    const end = await up.end;
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(end.stderr).toContain('Stopping …');
    await eventually(() => descendants().length === 0, { timeoutMs: 5_000, intervalMs: 200 });
    expect((await run('list')).stderr).toMatch(/no Argosy is running here: start one with/);
  });

  it('of a run of its own leaves nothing behind either', async () => {
    const end = await run('run', join(EXAMPLES, 'hello-world.yaml'));
    expect(end.code, end.stderr).toBe(0);
    expect(end.stderr.match(/image busybox is not used/g)).toHaveLength(1);
    expect(end.stderr.trim().split('\n')).toHaveLength(1);
    await eventually(() => descendants().length === 0, { timeoutMs: 5_000, intervalMs: 200 });
  });
});

function sleeper(): object {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { generateName: 'sleeper-' },
    spec: {
      entrypoint: 'main',
      templates: [
        { name: 'main', container: { image: 'busybox', command: ['sh', '-c', `${MARK}; true`] } },
      ],
    },
  };
}

it('the demonstration with --once shows the outcome and ends with 0', async () => {
  const end = await run('demo', '--once', '--port', '0', '--grpc-port', '0');
  expect(end.code, end.stdout + end.stderr).toBe(0);
  expect(end.stdout).toMatch(/^Status:\s+Succeeded$/m);
  expect(end.stdout).toMatch(/waybill:\s+waybill of order 1001/);
  expect(end.stdout).toContain('pack(2:chart): packing: chart');
});

describe('an installation', () => {
  it('is refused on a home that one runs on, with its process and address', async () => {
    const up = await startUp({ home: home.path });
    const second = await run('up', '--port', '0', '--grpc-port', '0');
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`(process ${up.child.pid ?? 0}, ${up.httpAddress})`);
    expect(second.stderr).toContain('name another folder with --home');
    up.child.kill('SIGINT');
    expect((await up.end).code).toBe(0);
  });

  it('takes free ports and says so when the wanted one is taken', async () => {
    const occupant = createServer();
    await new Promise<void>((resolve) => occupant.listen(0, '127.0.0.1', resolve));
    const { port } = occupant.address() as { port: number };
    const ports = ['--port', String(port), '--grpc-port', '0', '--log-level', 'warn'];
    const up = startArgosy(['up', ...ports], { home: home.path });
    const [, address = ''] = await up.until(/web hooks\s+(http:\S+)/);
    expect(up.text()).toMatch(new RegExp(`${port}.*taking free ports instead`));
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
    up.child.kill('SIGTERM');
    expect((await up.end).code).toBe(0);
    occupant.close();
  });

  it('is refused on a home that is a file', async () => {
    const file = join(home.path, 'file');
    writeFileSync(file, '');
    const end = await argosy(['up'], { home: file });
    expect(end.code).toBe(2);
    expect(end.stderr).toMatch(/cannot be made.*name another with --home/);
  });
});
