// Covers what stands around a main container: input artifacts at their paths, volumes, init containers,
// sidecars, sets of containers; with private mounts (where this host allows them) and with rewritten
// paths. Leaves out the stores of artifacts (src/artifacts) and the main container alone.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from '@argosy/model';
import { temporaryDirectory, type TemporaryDirectory } from '@argosy/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createArtifactAccess } from '../artifacts/artifact-access.ts';
import { createTestIo, testTask, type TestIo } from '../testing/index.ts';
import type { TaskOutcome } from '../types.ts';
import { createProcessRunner, type ProcessRunner } from './process-runner.ts';

const secrets = { keys: { 'tls.key': 'private' } };
const configMaps = { settings: { 'a.txt': 'A', 'b.txt': 'B' } };

describe.each(['auto', 'rewrite'] as const)('isolation %s', (isolation) => {
  let data: TemporaryDirectory;
  let runner: ProcessRunner;
  let count = 0;

  beforeAll(async () => {
    data = await temporaryDirectory();
    runner = await createProcessRunner({ dataDirectory: data.path, isolation });
  });
  afterAll(() => data.remove());

  function begin(template: Template): { io: TestIo; outcome: Promise<TaskOutcome> } {
    count += 1;
    const directory = join(data.path, 'tasks', String(count));
    mkdirSync(directory, { recursive: true });
    const resources = createTestIo({ directory, secrets, configMaps }).io.resources;
    const store = {
      put: () => Promise.resolve(),
      get: () => Promise.resolve(undefined),
      list: () => Promise.resolve([]),
    };
    const artifacts = createArtifactAccess({ store, resources });
    const io = createTestIo({ directory, secrets, configMaps, artifacts });
    return { io, outcome: runner.run(testTask(template), io.io) };
  }

  function run(template: Template): Promise<TaskOutcome> {
    return begin(template).outcome;
  }

  function sh(script: string): NonNullable<Template['container']> {
    return { image: 'alpine', command: ['sh', '-c', script] };
  }

  function rawInput(
    path: string,
    text: string,
    more: object = {},
  ): NonNullable<Template['inputs']> {
    return { artifacts: [{ name: 'in', path, raw: { data: text }, ...more }] };
  }

  test.each([
    '/tmp/in.txt',
    '/in.txt',
    '/mnt/a/b/in.txt',
    '/etc/argosy-test/in',
    '/usr/local/bin/in',
  ])(
    'an input artifact lies at its declared path %s, and the host does not change',
    async (path) => {
      const container = sh(`cat ${path}`);
      expect(await run({ container, inputs: rawInput(path, 'héllo') })).toMatchObject({
        phase: 'Succeeded',
        result: 'héllo',
      });
      expect(existsSync(path)).toBe(false);
    },
  );

  test('an input artifact with a mode can be executed', async () => {
    const inputs = rawInput('/usr/local/bin/argosy-tool', '#!/bin/sh\necho tool\n', {
      mode: 0o755,
    });
    const container = sh('/usr/local/bin/argosy-tool');
    expect((await run({ container, inputs })).result).toBe('tool');
  });

  test('a missing input artifact is an Error, an optional one is not', async () => {
    const missing = { name: 'in', path: '/tmp/in', s3: { key: 'nothing' } };
    const container = sh('test ! -e /tmp/in');
    const { phase, message } = await run({ container, inputs: { artifacts: [missing] } });
    expect(phase).toBe('Error');
    expect(message).toBe('input artifact "in": no artifact is stored under "nothing"');
    const optional = {
      artifacts: [
        { ...missing, optional: true },
        { name: 'x', path: '/tmp/x', optional: true },
      ],
    };
    expect((await run({ container, inputs: optional })).phase).toBe('Succeeded');
  });

  test('an output artifact that is missing is an Error unless it is optional', async () => {
    const missing = { name: 'out', path: '/tmp/out' };
    const container = sh('true');
    expect((await run({ container, outputs: { artifacts: [missing] } })).message).toBe(
      'output artifact "out": the path /tmp/out does not exist',
    );
    const optional = { artifacts: [{ ...missing, optional: true }] };
    expect(
      await run({ container, outputs: { artifacts: [optional.artifacts[0] ?? missing] } }),
    ).toMatchObject({ phase: 'Succeeded', artifacts: [] });
  });

  test("an output below the host's own directories is read from there", async () => {
    const outputs = { parameters: [{ name: 'hosts', valueFrom: { path: '/etc/hosts' } }] };
    const { parameters } = await run({ container: sh('true'), outputs });
    expect(parameters['hosts']).toBe(readFileSync('/etc/hosts', 'utf8').replace(/\n$/, ''));
  });

  test('config maps, secrets, host paths and empty directories are mounted', async () => {
    const host = await temporaryDirectory();
    writeFileSync(join(host.path, 'host.txt'), 'H');
    const container = {
      ...sh(
        'cat /mnt/c/a.txt /mnt/one /mnt/s/tls.key /data/h/host.txt; echo E > /scratch/e; cat /scratch/e',
      ),
      volumeMounts: [
        { name: 'settings', mountPath: '/mnt/c' },
        { name: 'settings', mountPath: '/mnt/one', subPath: 'b.txt' },
        { name: 'keys', mountPath: '/mnt/s' },
        { name: 'host', mountPath: '/data/h', readOnly: true },
        { name: 'empty', mountPath: '/scratch' },
      ],
    };
    const volumes = [
      { name: 'settings', configMap: { name: 'settings' } },
      { name: 'keys', secret: { secretName: 'keys' } },
      { name: 'host', hostPath: { path: host.path } },
      { name: 'empty', emptyDir: {} },
    ];
    expect((await run({ container, volumes })).result).toBe('ABprivateHE');
    await host.remove();
  });

  test('a claim keeps its content from one task to the next', async () => {
    const volumes = [{ name: 'work', persistentVolumeClaim: { claimName: 'wf-work' } }];
    const volumeMounts = [{ name: 'work', mountPath: '/work' }];
    const write = { ...sh('echo kept > /work/file'), volumeMounts };
    expect((await run({ container: write, volumes })).phase).toBe('Succeeded');
    const read = { ...sh('cat /work/file'), volumeMounts };
    expect((await run({ container: read, volumes })).result).toBe('kept');
  });

  test('outputs and inputs that lie in a volume are found there', async () => {
    const volumes = [{ name: 'v', emptyDir: {} }];
    const container = {
      ...sh('cat /mnt/v/in > /mnt/v/out'),
      volumeMounts: [{ name: 'v', mountPath: '/mnt/v' }],
    };
    const outputs = { parameters: [{ name: 'o', valueFrom: { path: '/mnt/v/out' } }] };
    const outcome = await run({ container, volumes, inputs: rawInput('/mnt/v/in', 'X'), outputs });
    expect(outcome.parameters).toEqual({ o: 'X' });
  });

  test('a mount of a volume that does not exist is an Error that names it', async () => {
    const container = { ...sh('true'), volumeMounts: [{ name: 'nope', mountPath: '/mnt/x' }] };
    expect(await run({ container })).toMatchObject({
      phase: 'Error',
      message: expect.stringContaining('no volume is named "nope"') as string,
    });
  });

  test('init containers run one after the other before main, and share its volumes', async () => {
    const volumeMounts = [{ name: 'v', mountPath: '/mnt/v' }];
    const outcome = await run({
      volumes: [{ name: 'v', emptyDir: {} }],
      initContainers: [
        { name: 'first', ...sh('echo one > /mnt/v/f'), volumeMounts },
        { name: 'second', ...sh('echo two >> /mnt/v/f'), mirrorVolumeMounts: true },
      ],
      container: { ...sh('cat /mnt/v/f'), volumeMounts },
    });
    expect(outcome.result).toBe('one\ntwo');
  });

  test('a failing init container makes the node an Error, and main does not run', async () => {
    const { io, outcome } = begin({
      initContainers: [{ name: 'setup', ...sh('exit 4') }],
      container: sh('echo ran'),
    });
    expect(await outcome).toMatchObject({ phase: 'Error', message: 'setup: Error (exit code 4)' });
    expect(io.stdout()).toBe('');
  });

  test('a sidecar runs beside main and is ended with it, whatever its exit code then', async () => {
    const volumeMounts = [{ name: 'v', mountPath: '/mnt/v' }];
    const startMs = performance.now();
    const outcome = await run({
      volumes: [{ name: 'v', emptyDir: {} }],
      sidecars: [{ name: 'side', ...sh('echo up > /mnt/v/up; sleep 100'), volumeMounts }],
      container: {
        ...sh('until [ -e /mnt/v/up ]; do sleep 0.01; done; cat /mnt/v/up'),
        volumeMounts,
      },
    });
    expect(outcome).toMatchObject({ phase: 'Succeeded', result: 'up' });
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });

  test('a sidecar that fails by itself fails the node', async () => {
    const outcome = await run({
      sidecars: [{ name: 'side', ...sh('exit 3') }],
      container: sh('sleep 0.3'),
    });
    expect(outcome).toMatchObject({ phase: 'Failed', message: 'side: Error (exit code 3)' });
  });

  test('the containers of a set run in the order of their dependencies; main gives the result', async () => {
    const outcome = await run({
      volumes: [{ name: 'v', emptyDir: {} }],
      containerSet: {
        volumeMounts: [{ name: 'v', mountPath: '/workspace' }],
        containers: [
          { name: 'main', ...sh('cat /workspace/ab'), dependencies: ['a', 'b'] },
          { name: 'a', ...sh('sleep 0.1; echo a >> /workspace/ab') },
          { name: 'b', ...sh('echo b >> /workspace/ab'), dependencies: ['a'] },
        ],
      },
    });
    expect(outcome).toMatchObject({ phase: 'Succeeded', result: 'a\nb' });
  });

  test('a failing container of a set fails the node, and its dependents do not run', async () => {
    const { io, outcome } = begin({
      containerSet: {
        containers: [
          { name: 'a', ...sh('exit 9') },
          { name: 'main', ...sh('echo ran'), dependencies: ['a'] },
        ],
      },
    });
    expect(await outcome).toMatchObject({ phase: 'Failed', message: 'a: Error (exit code 9)' });
    expect(io.stdout()).toBe('');
  });

  test('a set is tried again as its retryStrategy says, in the same surroundings', async () => {
    const script = 'echo x >> /mnt/v/tries; test $(wc -l < /mnt/v/tries) -ge 3';
    const template = (retries: number): Template => ({
      volumes: [{ name: 'v', emptyDir: {} }],
      containerSet: {
        retryStrategy: { retries, duration: '10ms' },
        volumeMounts: [{ name: 'v', mountPath: '/mnt/v' }],
        containers: [{ name: 'main', ...sh(script) }],
      },
    });
    expect((await run(template(2))).phase).toBe('Succeeded');
    expect(await run(template(1))).toMatchObject({ phase: 'Failed', exitCode: 1 });
  });

  test('a daemon counts as running when its readiness probe succeeds', async () => {
    const container = {
      ...sh('sleep 0.3; touch /mnt/v/ready; sleep 100'),
      readinessProbe: { exec: { command: ['test', '-e', '/mnt/v/ready'] }, periodSeconds: 0.05 },
      volumeMounts: [{ name: 'v', mountPath: '/mnt/v' }],
    };
    const volumes = [{ name: 'v', emptyDir: {} }];
    const { io, outcome } = begin({ daemon: true, container, volumes });
    const startMs = performance.now();
    await expect.poll(() => io.runningCalls(), { timeout: 5_000, interval: 20 }).toBe(1);
    expect(performance.now() - startMs).toBeGreaterThan(250);
    io.cancel('Daemon', 200);
    expect((await outcome).phase).toBe('Succeeded');
  });

  if (isolation === 'auto') {
    test('links that a task leaves are followed as the task saw them', async () => {
      const outputs = { parameters: [{ name: 'p', valueFrom: { path: '/tmp/link' } }] };
      const script =
        'mkdir /tmp/d; echo inside > /tmp/d/real; ln -s /tmp/d /tmp/e; ln -s /tmp/e/real /tmp/link';
      expect((await run({ container: sh(script), outputs })).parameters).toEqual({ p: 'inside' });
    });

    test('a task that replaces its directories by links harms neither the host nor the next task', async () => {
      const host = await temporaryDirectory();
      writeFileSync(join(host.path, 'precious'), 'x');
      const target = join(host.path, 'precious-directory');
      mkdirSync(target);
      writeFileSync(join(target, 'file'), 'x');
      const script = `rmdir /mnt; ln -s /proc/1/root${target} /mnt; mkdir /left; echo x > /left/over; chmod 700 /tmp`;
      await run({ container: sh(script) });
      expect(existsSync(join(target, 'file'))).toBe(true);
      const check = 'test -d /mnt && test ! -L /mnt && test ! -e /left && stat -c %a /tmp';
      expect((await run({ container: sh(check) })).result).toBe('1777');
      await host.remove();
    });

    test("files and links that inputs replace are the host's again afterwards", async () => {
      const before = statSync('/etc/hosts').ino;
      const outcome = await run({
        container: sh('cat /etc/hosts'),
        inputs: rawInput('/etc/hosts', 'mine'),
      });
      expect(outcome.result).toBe('mine');
      expect(statSync('/etc/hosts').ino).toBe(before);
      expect(readFileSync('/etc/hosts', 'utf8')).not.toBe('mine');
    });
  }
});
